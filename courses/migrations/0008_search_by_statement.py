"""Search: lessons and courses whose texts change together are looked at together."""

from django.db import migrations

BY_STATEMENT = """
DROP TRIGGER search_update_courses ON glossary_passage;
DROP FUNCTION courses_search_passage_changed();
CREATE FUNCTION courses_search_passages_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
BEGIN
    SELECT array_agg(new_rows.id) INTO changed
    FROM new_rows JOIN old_rows USING (id) WHERE new_rows.html <> old_rows.html;
    IF changed IS NOT NULL THEN
        PERFORM courses_search_lessons(array_agg(id)) FROM courses_lesson
            WHERE passage_id = ANY (changed);
        PERFORM courses_search_courses(array_agg(id)) FROM courses_course
            WHERE description_id = ANY (changed);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER search_update_courses AFTER UPDATE ON glossary_passage
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION courses_search_passages_changed();
"""

BY_ROW = """
DROP TRIGGER search_update_courses ON glossary_passage;
DROP FUNCTION courses_search_passages_changed();
CREATE FUNCTION courses_search_passage_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM courses_search_lessons(array_agg(id)) FROM courses_lesson WHERE passage_id = NEW.id;
    PERFORM courses_search_courses(array_agg(id)) FROM courses_course
        WHERE description_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER search_update_courses AFTER UPDATE OF html ON glossary_passage
    FOR EACH ROW WHEN (OLD.html IS DISTINCT FROM NEW.html)
    EXECUTE FUNCTION courses_search_passage_changed();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('courses', '0007_practice_reminder'),
    ]

    operations = [
        migrations.RunSQL(BY_STATEMENT, BY_ROW),
    ]
