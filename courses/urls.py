from django.urls import path, re_path

from courses.views import catalogue, crawlers, feeds, finding, lessons, pictures, practice, site

urlpatterns = [
    path("", catalogue.home, name="home"),
    path("search/", finding.search, name="search"),
    path("courses/", catalogue.course_list, name="course_list"),
    path("courses/<slug:course>/", catalogue.course_detail, name="course_detail"),
    path("courses/<slug:course>/intakes.rss", feeds.intakes, name="course_intakes_feed"),
    path("courses/<slug:course>/terms/", catalogue.course_terms, name="course_terms"),
    path("courses/<slug:course>/lessons/<slug:lesson>/", lessons.detail, name="lesson_detail"),
    path(
        "courses/<slug:course>/lessons/<slug:lesson>/completion/",
        lessons.completion,
        name="lesson_completion",
    ),
    path("practice/", practice.overview, name="practice"),
    path("practice/due/", practice.due, name="practice_due"),
    path("practice/reminder/", practice.reminder, name="practice_reminder"),
    path("practice/reminder/<str:token>/", practice.reminder_stop, name="practice_reminder_stop"),
    path("practice/courses/<slug:course>/", practice.course_practice, name="course_practice"),
    re_path(
        r"^(?P<slug>terms|privacy|cancellation|accessibility)/$", site.legal_page, name="legal_page"
    ),
    # By their keys, so that no name is in the way of another.
    path("pictures/<slug:kind>/<int:key>/<slug:digest>.png", pictures.picture, name="picture"),
    path("intakes.rss", feeds.intakes, name="intakes_feed"),
    # At the top: a sitemap speaks for what is beside and below it.
    path("favicon.ico", site.favicon, name="favicon"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("sitemap-pages.xml", crawlers.sitemap_pages, name="sitemap_pages"),
    path(
        "sitemap-<slug:section>-<int:number>.xml", crawlers.sitemap_section, name="sitemap_section"
    ),
    path("healthz/", site.healthz, name="healthz"),
]
