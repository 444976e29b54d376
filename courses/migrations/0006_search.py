"""Search: what lessons and courses are found by, the triggers that keep it, searches in vain."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

# A text is searched as far as 200,000 characters: a tsvector holds less than a megabyte.
REFRESH = """
CREATE FUNCTION courses_search_lessons(changed bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO courses_searchedlesson (lesson_id, key, names, words)
    SELECT lesson.id, title.key, public.words,
        public.words || setweight(to_tsvector('english', left(passage.html, 200000)), 'D')
    FROM courses_lesson lesson
    JOIN glossary_passage passage ON passage.id = lesson.passage_id,
    LATERAL (SELECT glossary_search_key(lesson.title) AS key) title,
    LATERAL (
        SELECT setweight(to_tsvector('english', title.key) || to_tsvector('simple', title.key), 'A')
            || setweight(to_tsvector('english', lesson.summary), 'B') AS words
    ) public
    WHERE lesson.id = ANY (changed)
    ON CONFLICT (lesson_id) DO UPDATE
        SET key = EXCLUDED.key, names = EXCLUDED.names, words = EXCLUDED.words;
$$;

CREATE FUNCTION courses_search_courses(changed bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO courses_searchedcourse (course_id, key, names, words)
    SELECT course.id, title.key, short.words, short.words
        || setweight(to_tsvector('english', left(course.outcomes, 200000)), 'C')
        || setweight(to_tsvector('english', left(coalesce(passage.html, ''), 200000)), 'D')
    FROM courses_course course
    LEFT JOIN glossary_passage passage ON passage.id = course.description_id,
    LATERAL (SELECT glossary_search_key(course.title) AS key) title,
    LATERAL (
        SELECT setweight(to_tsvector('english', title.key) || to_tsvector('simple', title.key), 'A')
            || setweight(to_tsvector('english', course.subject || ' ' || course.summary), 'B')
            AS words
    ) short
    WHERE course.id = ANY (changed)
    ON CONFLICT (course_id) DO UPDATE
        SET key = EXCLUDED.key, names = EXCLUDED.names, words = EXCLUDED.words;
$$;
"""
WITHOUT_REFRESH = """
DROP FUNCTION courses_search_courses(bigint[]);
DROP FUNCTION courses_search_lessons(bigint[]);
"""

TRIGGERS = """
CREATE FUNCTION courses_search_lesson_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM courses_searchedlesson WHERE lesson_id = OLD.id;
    ELSE
        PERFORM courses_search_lessons(ARRAY[NEW.id]);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION courses_search_course_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        DELETE FROM courses_searchedcourse WHERE course_id = OLD.id;
    ELSE
        PERFORM courses_search_courses(ARRAY[NEW.id]);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION courses_search_passage_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM courses_search_lessons(array_agg(id)) FROM courses_lesson WHERE passage_id = NEW.id;
    PERFORM courses_search_courses(array_agg(id)) FROM courses_course
        WHERE description_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER search_insert AFTER INSERT OR DELETE ON courses_lesson
    FOR EACH ROW EXECUTE FUNCTION courses_search_lesson_changed();
CREATE TRIGGER search_update AFTER UPDATE ON courses_lesson
    FOR EACH ROW WHEN (
        (OLD.title, OLD.summary, OLD.passage_id)
        IS DISTINCT FROM (NEW.title, NEW.summary, NEW.passage_id)
    )
    EXECUTE FUNCTION courses_search_lesson_changed();
CREATE TRIGGER search_insert AFTER INSERT OR DELETE ON courses_course
    FOR EACH ROW EXECUTE FUNCTION courses_search_course_changed();
CREATE TRIGGER search_update AFTER UPDATE ON courses_course
    FOR EACH ROW WHEN (
        (OLD.title, OLD.subject, OLD.summary, OLD.outcomes, OLD.description_id)
        IS DISTINCT FROM (NEW.title, NEW.subject, NEW.summary, NEW.outcomes, NEW.description_id)
    )
    EXECUTE FUNCTION courses_search_course_changed();
CREATE TRIGGER search_update_courses AFTER UPDATE OF html ON glossary_passage
    FOR EACH ROW WHEN (OLD.html IS DISTINCT FROM NEW.html)
    EXECUTE FUNCTION courses_search_passage_changed();
"""
WITHOUT_TRIGGERS = """
DROP TRIGGER search_update_courses ON glossary_passage;
DROP TRIGGER search_update ON courses_course;
DROP TRIGGER search_insert ON courses_course;
DROP TRIGGER search_update ON courses_lesson;
DROP TRIGGER search_insert ON courses_lesson;
DROP FUNCTION courses_search_passage_changed();
DROP FUNCTION courses_search_course_changed();
DROP FUNCTION courses_search_lesson_changed();
"""
FILL = """
SELECT courses_search_lessons(array_agg(id)) FROM courses_lesson;
SELECT courses_search_courses(array_agg(id)) FROM courses_course;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('courses', '0005_several_glossaries'),
        # For pg_trgm and glossary_search_key.
        ('glossary', '0008_search'),
    ]

    operations = [
        migrations.CreateModel(
            name='SearchedCourse',
            fields=[
                ('course', models.OneToOneField(on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='searched', serialize=False, to='courses.course')),
                ('key', models.TextField(db_collation='C')),
                ('names', django.contrib.postgres.search.SearchVectorField()),
                ('words', django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                'indexes': [models.Index(models.F('key'), name='searched_course_begins'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('key', name='gin_trgm_ops'), name='searched_course_alike'), django.contrib.postgres.indexes.GinIndex(models.F('names'), name='searched_course_names'), django.contrib.postgres.indexes.GinIndex(models.F('words'), name='searched_course_words')],
            },
        ),
        migrations.CreateModel(
            name='SearchedLesson',
            fields=[
                ('lesson', models.OneToOneField(on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='searched', serialize=False, to='courses.lesson')),
                ('key', models.TextField(db_collation='C')),
                ('names', django.contrib.postgres.search.SearchVectorField()),
                ('words', django.contrib.postgres.search.SearchVectorField()),
            ],
            options={
                'indexes': [models.Index(models.F('key'), name='searched_lesson_begins'), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('key', name='gin_trgm_ops'), name='searched_lesson_alike'), django.contrib.postgres.indexes.GinIndex(models.F('names'), name='searched_lesson_names'), django.contrib.postgres.indexes.GinIndex(models.F('words'), name='searched_lesson_words')],
            },
        ),
        migrations.CreateModel(
            name='SearchInVain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.CharField(max_length=100, unique=True, verbose_name='looked for')),
                ('times', models.PositiveIntegerField(default=1)),
                ('first_at', models.DateTimeField(verbose_name='first time')),
                ('last_at', models.DateTimeField(verbose_name='last time')),
            ],
            options={
                'verbose_name': 'search in vain',
                'verbose_name_plural': 'searches in vain',
                'ordering': ('-times', '-last_at', 'pk'),
                'constraints': [models.CheckConstraint(condition=models.Q(('last_at__gte', models.F('first_at'))), name='search_in_vain_in_order')],
            },
        ),
        migrations.RunSQL(REFRESH, WITHOUT_REFRESH),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, WITHOUT_TRIGGERS),
    ]
