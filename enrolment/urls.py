from django.urls import path

from enrolment.views import account, alerts, documents, enrol, leaving, payment, waiting, webhook

urlpatterns = [
    path("courses/<slug:course>/intakes/<slug:intake>/enrol/", enrol.enrol, name="enrol"),
    path(
        "courses/<slug:course>/intakes/<slug:intake>/waiting-list/",
        waiting.join,
        name="waiting_list_join",
    ),
    path("courses/<slug:course>/alerts/", alerts.alert, name="alert"),
    path("alerts/<slug:token>/", alerts.alert_confirm, name="alert_confirm"),
    path("account/enrolments/", account.enrolment_list, name="enrolment_list"),
    path("account/enrolments/<uuid:pk>/", account.enrolment_detail, name="enrolment_detail"),
    path("account/enrolments/<uuid:pk>/status/", account.enrolment_status, name="enrolment_status"),
    path(
        "account/enrolments/<uuid:pk>/payment/",
        payment.enrolment_payment,
        name="enrolment_payment",
    ),
    path("account/enrolments/<uuid:pk>/return/", payment.enrolment_return, name="enrolment_return"),
    path(
        "account/enrolments/<uuid:pk>/cancellation/",
        leaving.cancellation,
        name="enrolment_cancellation",
    ),
    path("account/enrolments/<uuid:pk>/move/", leaving.move, name="enrolment_move"),
    path("account/waiting-list/", waiting.entry_list, name="waiting_list"),
    path("account/waiting-list/<uuid:pk>/", waiting.entry, name="waiting_list_entry"),
    path("account/waiting-list/<uuid:pk>/offer/", waiting.offer, name="waiting_list_offer"),
    path(
        "account/enrolments/<uuid:pk>/billing/",
        documents.enrolment_billing,
        name="enrolment_billing",
    ),
    path(
        "account/enrolments/<uuid:pk>/intake.ics",
        documents.enrolment_calendar,
        name="enrolment_calendar",
    ),
    path("account/payments/", documents.payment_list, name="payment_list"),
    path("account/payments/<uuid:pk>/receipt/", documents.receipt, name="receipt"),
    path("account/documents/<uuid:pk>/", documents.document, name="document"),
    path("account/documents/<uuid:pk>.pdf", documents.document_pdf, name="document_pdf"),
    path("stripe/webhook/", webhook.stripe_webhook, name="stripe_webhook"),
]
