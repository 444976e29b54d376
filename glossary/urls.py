from django.urls import path

from glossary.views import cards, downloads, maps, reference

urlpatterns = [
    # Not below the glossary's own address, where every name may be a term's.
    path("maps/<slug:glossary>/", maps.glossary_map, name="glossary_map"),
    path("glossary/", reference.glossary_list, name="glossary_list"),
    path("glossary/<slug:glossary>.json", downloads.glossary_json, name="glossary_json"),
    path("glossary/<slug:glossary>.csv", downloads.glossary_csv, name="glossary_csv"),
    path("glossary/<slug:glossary>/", reference.glossary_detail, name="glossary_detail"),
    path("glossary/<slug:glossary>/<slug:term>/", reference.term_detail, name="term_detail"),
    path("glossary/<slug:glossary>/<slug:term>/card/", cards.card, name="term_card"),
]
