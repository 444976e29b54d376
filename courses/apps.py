from django.apps import AppConfig


class CoursesConfig(AppConfig):
    name = "courses"

    def ready(self) -> None:
        from courses.finding import on_looked_up_in_vain
        from courses.telling import on_news
        from glossary.drafting import happened
        from glossary.looking_up import in_vain

        in_vain.connect(on_looked_up_in_vain, dispatch_uid="courses.finding")
        happened.connect(on_news, dispatch_uid="courses.telling")
