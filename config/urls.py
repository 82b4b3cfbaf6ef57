"""All addresses of the product. Help and health are never gated."""

from django.contrib import admin
from django.urls import include, path

from accounts import language
from companion import views
from config import console, health, metrics

admin.site.site_header = admin.site.site_title = "Companion"
admin.site.login = console.door(admin.site.login)  # type: ignore[method-assign, assignment]
admin.site.has_permission = console.may_enter  # type: ignore[method-assign]

urlpatterns = [
    path("", views.home, name="home"),
    path("chat/", include("companion.urls")),
    path("accounts/", include("allauth.urls")),
    path("welcome/", include("accounts.urls")),
    path("settings/", include("accounts.preference_urls")),
    path("settings/", include("companion.redress_urls")),
    path("contact/", include("accounts.contact_urls")),
    path("notice/", include("safety.notice_urls")),
    path("help/", include("safety.urls")),
    path("compliance/", include("compliance.urls")),
    path("admin/", admin.site.urls),
    path("i18n/language/", language.switch, name="language"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
    path("healthz/safety", health.safety),
    path("healthz/duty", health.on_duty),
    path("healthz/voices", health.voices),
    path("healthz/look", health.closer_look),
]
