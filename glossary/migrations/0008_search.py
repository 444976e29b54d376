"""Search: the tables that terms are found in, and the triggers that keep them."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

# What stands between words, and the apostrophes that are one: as ``glossary.searching``.
SPACES = (
    "-\u2010\u2011\u2012\u2013\xad\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002"
    "\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
APOSTROPHES = "\u2019\u2018\u02bc"

KEY = rf"""
CREATE FUNCTION glossary_search_key(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT btrim(regexp_replace(regexp_replace(
        normalize(lower(translate(name, '{SPACES}{APOSTROPHES}',
            '{" " * len(SPACES)}' || repeat(chr(39), {len(APOSTROPHES)}))), NFKD),
        '[\u0300-\u036f]+', '', 'g'), '\s+', ' ', 'g'))
$$
"""

# A definition is searched as far as 200,000 characters: a tsvector holds less than a megabyte.
REFRESH = """
CREATE FUNCTION glossary_search_terms(changed bigint[]) RETURNS void LANGUAGE sql AS $$
    DELETE FROM glossary_searchedname WHERE term_id = ANY (changed);

    INSERT INTO glossary_searchedname (term_id, key)
    SELECT DISTINCT term.id, glossary_search_key(named.name)
    FROM glossary_term term, LATERAL (
        SELECT term.name UNION ALL SELECT term.abbreviation
        UNION ALL SELECT alias.name FROM glossary_alias alias WHERE alias.term_id = term.id
    ) named
    WHERE term.id = ANY (changed) AND glossary_search_key(named.name) <> '';

    INSERT INTO glossary_searchedterm (term_id, names, words)
    SELECT term.id,
        to_tsvector('english', own.key) || to_tsvector('simple', own.key)
        || to_tsvector('english', other.key) || to_tsvector('simple', other.key),
        setweight(to_tsvector('english', own.key) || to_tsvector('simple', own.key), 'A')
        || setweight(to_tsvector('english', other.key) || to_tsvector('simple', other.key), 'B')
        || setweight(to_tsvector('english', left(passage.html, 200000)), 'D')
    FROM glossary_term term
    JOIN glossary_passage passage ON passage.id = term.definition_id,
    LATERAL (SELECT glossary_search_key(term.name || ' ' || term.abbreviation) AS key) own,
    LATERAL (
        SELECT coalesce(glossary_search_key(string_agg(alias.name, ' ')), '') AS key
        FROM glossary_alias alias WHERE alias.term_id = term.id
    ) other
    WHERE term.id = ANY (changed)
    ON CONFLICT (term_id) DO UPDATE SET names = EXCLUDED.names, words = EXCLUDED.words;
$$
"""

TRIGGERS = """
CREATE FUNCTION glossary_search_term_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM glossary_search_terms(array_agg(id)) FROM new_rows;
    ELSE
        PERFORM glossary_search_terms(array_agg(new_rows.id))
        FROM new_rows JOIN old_rows USING (id)
        WHERE (new_rows.name, new_rows.abbreviation, new_rows.definition_id)
            <> (old_rows.name, old_rows.abbreviation, old_rows.definition_id);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION glossary_search_term_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM glossary_searchedname WHERE term_id IN (SELECT id FROM old_rows);
    DELETE FROM glossary_searchedterm WHERE term_id IN (SELECT id FROM old_rows);
    RETURN NULL;
END $$;

CREATE FUNCTION glossary_search_alias_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        PERFORM glossary_search_terms(array_agg(DISTINCT term_id)) FROM new_rows;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM glossary_search_terms(array_agg(DISTINCT term_id)) FROM old_rows;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION glossary_search_passage_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM glossary_search_terms(array_agg(id)) FROM glossary_term WHERE definition_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER search_insert AFTER INSERT ON glossary_term
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION glossary_search_term_changed();
CREATE TRIGGER search_update AFTER UPDATE ON glossary_term
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION glossary_search_term_changed();
CREATE TRIGGER search_delete AFTER DELETE ON glossary_term
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION glossary_search_term_deleted();
CREATE TRIGGER search_insert AFTER INSERT ON glossary_alias
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION glossary_search_alias_changed();
CREATE TRIGGER search_update AFTER UPDATE ON glossary_alias
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION glossary_search_alias_changed();
CREATE TRIGGER search_delete AFTER DELETE ON glossary_alias
    REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION glossary_search_alias_changed();
-- Links in a text change far more often than its words, so this one asks for the words first.
CREATE TRIGGER search_update AFTER UPDATE OF html ON glossary_passage
    FOR EACH ROW WHEN (OLD.html IS DISTINCT FROM NEW.html)
    EXECUTE FUNCTION glossary_search_passage_changed();
"""

WITHOUT_TRIGGERS = """
DROP TRIGGER search_update ON glossary_passage;
DROP TRIGGER search_delete ON glossary_alias;
DROP TRIGGER search_update ON glossary_alias;
DROP TRIGGER search_insert ON glossary_alias;
DROP TRIGGER search_delete ON glossary_term;
DROP TRIGGER search_update ON glossary_term;
DROP TRIGGER search_insert ON glossary_term;
DROP FUNCTION glossary_search_passage_changed();
DROP FUNCTION glossary_search_alias_changed();
DROP FUNCTION glossary_search_term_deleted();
DROP FUNCTION glossary_search_term_changed();
"""
FILL = "SELECT glossary_search_terms(array_agg(id)) FROM glossary_term"


class Migration(migrations.Migration):

    dependencies = [
        ('glossary', '0007_revisions'),
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name='SearchedTerm',
            fields=[
                ('term', models.OneToOneField(on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='searched', serialize=False, to='glossary.term')),
                ('names', django.contrib.postgres.search.SearchVectorField()),
                ('words', django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(models.F('names'), name='searched_term_names'), django.contrib.postgres.indexes.GinIndex(models.F('words'), name='searched_term_words')],
            },
        ),
        migrations.CreateModel(
            name='SearchedName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.TextField(db_collation='C')),
                ('term', models.ForeignKey(on_delete=django.db.models.deletion.DO_NOTHING, related_name='searched_names', to='glossary.term')),
            ],
            options={
                'indexes': [models.Index(models.F('key'), name='searched_name_begins'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('key', name='gin_trgm_ops'), name='searched_name_alike')],
            },
        ),
        migrations.RunSQL(KEY, "DROP FUNCTION glossary_search_key(text)"),
        migrations.RunSQL(REFRESH, "DROP FUNCTION glossary_search_terms(bigint[])"),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, WITHOUT_TRIGGERS),
    ]
