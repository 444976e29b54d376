from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = _("Courses")

    def ready(self) -> None:
        from courses.finding import on_looked_up_in_vain
        from courses.telling import on_news
        from glossary.drafting import happened
        from glossary.looking_up import in_vain

        in_vain.connect(on_looked_up_in_vain, dispatch_uid="courses.finding")
        happened.connect(on_news, dispatch_uid="courses.telling")
