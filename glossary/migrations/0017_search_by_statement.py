"""Search: texts that change together are looked at together, and new ones too.

Terms that an import brought before their texts were found by their names alone.
"""

from django.db import migrations

# In plpgsql with plans of its own for each call: for one term and for ten thousand they differ.
# Aliases are put together once rather than once a term. OFFSET 0 keeps what is worked out inside
# from being worked out again wherever it is used outside.
REFRESH = """
CREATE OR REPLACE FUNCTION glossary_search_terms(changed bigint[]) RETURNS void
LANGUAGE plpgsql SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    IF changed IS NULL THEN
        RETURN;
    END IF;
    DELETE FROM glossary_searchedname WHERE term_id = ANY (changed);

    INSERT INTO glossary_searchedname (term_id, key)
    SELECT DISTINCT named.id, named.key
    FROM (
        SELECT id, glossary_search_key(name) AS key
        FROM glossary_term WHERE id = ANY (changed)
        UNION ALL
        SELECT id, glossary_search_key(abbreviation)
        FROM glossary_term WHERE id = ANY (changed) AND abbreviation <> ''
        UNION ALL
        SELECT term_id, glossary_search_key(name)
        FROM glossary_alias WHERE term_id = ANY (changed)
        OFFSET 0
    ) named
    WHERE named.key <> '';

    INSERT INTO glossary_searchedterm (term_id, names, words)
    SELECT id, own || other,
        setweight(own, 'A') || setweight(other, 'B') || setweight(definition, 'D')
    FROM (
        SELECT term.id,
            to_tsvector('english', term.key) || to_tsvector('simple', term.key) AS own,
            to_tsvector('english', coalesce(alias.key, ''))
                || to_tsvector('simple', coalesce(alias.key, '')) AS other,
            to_tsvector('english', left(passage.html, 200000)) AS definition
        FROM (
            SELECT id, definition_id, glossary_search_key(name || ' ' || abbreviation) AS key
            FROM glossary_term WHERE id = ANY (changed)
            OFFSET 0
        ) term
        JOIN glossary_passage passage ON passage.id = term.definition_id
        LEFT JOIN (
            SELECT term_id, glossary_search_key(string_agg(name, ' ')) AS key
            FROM glossary_alias WHERE term_id = ANY (changed) GROUP BY term_id
        ) alias ON alias.term_id = term.id
        OFFSET 0
    ) words
    ON CONFLICT (term_id) DO UPDATE SET names = EXCLUDED.names, words = EXCLUDED.words;
END $$
"""

BY_STATEMENT = """
DROP TRIGGER search_update ON glossary_passage;
DROP FUNCTION glossary_search_passage_changed();
CREATE FUNCTION glossary_search_passages_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM glossary_search_terms(array_agg(term.id))
        FROM new_rows JOIN glossary_term term ON term.definition_id = new_rows.id;
    ELSE
        PERFORM glossary_search_terms(array_agg(term.id))
        FROM new_rows JOIN old_rows USING (id)
        JOIN glossary_term term ON term.definition_id = new_rows.id
        WHERE new_rows.html <> old_rows.html;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER search_insert AFTER INSERT ON glossary_passage
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION glossary_search_passages_changed();
CREATE TRIGGER search_update AFTER UPDATE ON glossary_passage
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION glossary_search_passages_changed();
"""

BY_ROW = """
DROP TRIGGER search_update ON glossary_passage;
DROP TRIGGER search_insert ON glossary_passage;
DROP FUNCTION glossary_search_passages_changed();
CREATE FUNCTION glossary_search_passage_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM glossary_search_terms(array_agg(id)) FROM glossary_term WHERE definition_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER search_update AFTER UPDATE OF html ON glossary_passage
    FOR EACH ROW WHEN (OLD.html IS DISTINCT FROM NEW.html)
    EXECUTE FUNCTION glossary_search_passage_changed();
"""

# Terms that were brought before their texts have no words yet.
FILL = """
SELECT glossary_search_terms(array_agg(id)) FROM glossary_term
WHERE NOT EXISTS (SELECT FROM glossary_searchedterm WHERE term_id = glossary_term.id)
"""


class Migration(migrations.Migration):

    dependencies = [
        ('glossary', '0016_deleted_terms'),
    ]

    operations = [
        migrations.RunSQL(REFRESH, migrations.RunSQL.noop),
        migrations.RunSQL(BY_STATEMENT, BY_ROW),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
