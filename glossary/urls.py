from django.urls import path

from glossary.views import cards, downloads, knowledge, maps, practice, reference, taking

urlpatterns = [
    # Not below the glossary's own address, where every name may be a term's.
    path("maps/<slug:glossary>/", maps.glossary_map, name="glossary_map"),
    path("glossary/", reference.glossary_list, name="glossary_list"),
    path("glossary/<slug:glossary>.json", downloads.glossary_json, name="glossary_json"),
    path("glossary/<slug:glossary>.csv", downloads.glossary_csv, name="glossary_csv"),
    path("glossary/<slug:glossary>/", reference.glossary_detail, name="glossary_detail"),
    path("practice/knowledge/", knowledge.knowledge, name="practice_knowledge"),
    path("practice/terms.apkg", taking.own_apkg, name="own_terms_apkg"),
    path("practice/terms.csv", taking.own_csv, name="own_terms_csv"),
    path("practice/glossary/<slug:glossary>.apkg", taking.glossary_apkg, name="glossary_apkg"),
    # Beside the glossaries rather than below: a term may be called Practice.
    path(
        "practice/glossary/<slug:glossary>/", practice.glossary_practice, name="glossary_practice"
    ),
    path("glossary/<slug:glossary>/<slug:term>/", reference.term_detail, name="term_detail"),
    path("glossary/<slug:glossary>/<slug:term>/card/", cards.card, name="term_card"),
]
