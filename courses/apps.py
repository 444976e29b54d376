from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"

    def ready(self) -> None:
        from courses.telling import on_news
        from glossary.drafting import happened

        happened.connect(on_news, dispatch_uid="courses.telling")
