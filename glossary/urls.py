from django.urls import path

from glossary import views

urlpatterns = [
    path("glossary/", views.glossary_list, name="glossary_list"),
    path("glossary/<slug:glossary>/", views.glossary_detail, name="glossary_detail"),
    path("glossary/<slug:glossary>/<slug:term>/", views.term_detail, name="term_detail"),
]
