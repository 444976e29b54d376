"""Search: a course is found by the questions about it and their answers, too."""

from django.db import migrations

# As before, no more than 200,000 characters of each weight: a tsvector holds less than a megabyte.
COURSES = """
CREATE OR REPLACE FUNCTION courses_search_courses(changed bigint[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO courses_searchedcourse (course_id, key, names, words)
    SELECT course.id, title.key, short.words, short.words
        || setweight(to_tsvector('english', left({listed}, 200000)), 'C')
        || setweight(to_tsvector('english', left({texts}, 200000)), 'D')
    FROM courses_course course
    LEFT JOIN glossary_passage passage ON passage.id = course.description_id
    {asked}
    CROSS JOIN LATERAL (SELECT glossary_search_key(course.title) AS key) title
    CROSS JOIN LATERAL (
        SELECT setweight(to_tsvector('english', title.key) || to_tsvector('simple', title.key), 'A')
            || setweight(to_tsvector('english', course.subject || ' ' || course.summary), 'B')
            AS words
    ) short
    WHERE course.id = ANY (changed)
    ON CONFLICT (course_id) DO UPDATE
        SET key = EXCLUDED.key, names = EXCLUDED.names, words = EXCLUDED.words;
$$;
"""
ASKED = """
    CROSS JOIN LATERAL (
        SELECT coalesce(string_agg(question.question, ' ' ORDER BY question.position), '')
                AS questions,
            coalesce(string_agg(answer.html, ' ' ORDER BY question.position), '') AS answers
        FROM courses_coursequestion question
        JOIN glossary_passage answer ON answer.id = question.answer_id
        WHERE question.course_id = course.id
    ) asked
"""
WITH_QUESTIONS = COURSES.format(
    listed="course.outcomes || ' ' || asked.questions",
    texts="coalesce(passage.html, '') || ' ' || asked.answers",
    asked=ASKED,
)
WITHOUT_QUESTIONS = COURSES.format(
    listed="course.outcomes", texts="coalesce(passage.html, '')", asked=""
)

PASSAGES = """
CREATE OR REPLACE FUNCTION courses_search_passages_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
BEGIN
    SELECT array_agg(new_rows.id) INTO changed
    FROM new_rows JOIN old_rows USING (id) WHERE new_rows.html <> old_rows.html;
    IF changed IS NOT NULL THEN
        PERFORM courses_search_lessons(array_agg(id)) FROM courses_lesson
            WHERE passage_id = ANY (changed);
        PERFORM courses_search_courses(array_agg(id)) FROM courses_course
            WHERE description_id = ANY (changed){or_answers};
    END IF;
    RETURN NULL;
END $$;
"""
OR_ANSWERS = """ OR id IN (
                SELECT course_id FROM courses_coursequestion WHERE answer_id = ANY (changed)
            )"""

TRIGGERS = """
CREATE FUNCTION courses_search_question_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM courses_search_courses(ARRAY[OLD.course_id]);
    END IF;
    IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.course_id <> OLD.course_id) THEN
        PERFORM courses_search_courses(ARRAY[NEW.course_id]);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER search_insert AFTER INSERT OR DELETE ON courses_coursequestion
    FOR EACH ROW EXECUTE FUNCTION courses_search_question_changed();
CREATE TRIGGER search_update AFTER UPDATE ON courses_coursequestion
    FOR EACH ROW WHEN (
        (OLD.question, OLD.answer_id, OLD.course_id)
        IS DISTINCT FROM (NEW.question, NEW.answer_id, NEW.course_id)
    )
    EXECUTE FUNCTION courses_search_question_changed();
"""
WITHOUT_TRIGGERS = """
DROP TRIGGER search_update ON courses_coursequestion;
DROP TRIGGER search_insert ON courses_coursequestion;
DROP FUNCTION courses_search_question_changed();
"""
FILL = "SELECT courses_search_courses(array_agg(DISTINCT course_id)) FROM courses_coursequestion"


class Migration(migrations.Migration):

    dependencies = [
        ('courses', '0011_accessibility_page'),
    ]

    operations = [
        migrations.RunSQL(migrations.RunSQL.noop, FILL),
        migrations.RunSQL(WITH_QUESTIONS, WITHOUT_QUESTIONS),
        migrations.RunSQL(PASSAGES.format(or_answers=OR_ANSWERS), PASSAGES.format(or_answers="")),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, WITHOUT_TRIGGERS),
    ]
