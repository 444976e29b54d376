"""People in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, BaseUserCreationForm
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts.models import User


def permissions_asked_for() -> QuerySet[Permission]:
    """What the admin asks for, and what somebody has: of all that Django makes, one in four.

    Every table has four, those of histories, sessions and of the search, too.
    """
    shown = set(admin.site._registry)
    for model_admin in admin.site._registry.values():
        shown |= {inline.model for inline in model_admin.inlines}
    types = ContentType.objects.get_for_models(*shown).values()
    of_our_own = ~Q(codename__regex="^(add|change|delete|view)_")
    held = Q(group__isnull=False) | Q(user__isnull=False)
    return Permission.objects.filter(Q(content_type__in=types) | of_our_own | held).distinct()


class PermissionsField(forms.ModelMultipleChoiceField):
    """Each by what it permits; Django adds the table and the application before it."""

    def label_from_instance(self, obj: Permission) -> str:
        return obj.name


class ChoosesPermissions:
    """Mixed into an admin in which permissions are chosen."""

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest | None, **kwargs: Any
    ) -> Any:
        if db_field.related_model is Permission:
            kwargs |= {"queryset": permissions_asked_for(), "form_class": PermissionsField}
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(ChoosesPermissions, DjangoGroupAdmin):  # type: ignore[misc]
    """The roles, and what each may do."""


class NewUserForm(BaseUserCreationForm):
    """A user made by staff."""

    class Meta:
        model = User
        fields = ("email", "name")


class NewPasswordForm(AdminPasswordChangeForm):
    """A password for somebody else: always one, since who may not sign in is made inactive."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields.pop("usable_password", None)
        for field in self.fields.values():
            field.required = True


@admin.register(User)
class UserAdmin(ChoosesPermissions, DjangoUserAdmin):
    """Accounts, looked up by address or name."""

    add_form = NewUserForm
    change_password_form = NewPasswordForm
    list_display = ("email", "name", "is_staff", "is_active", "date_joined")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("email", "name")
    ordering = ("email",)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (
            _("What they may do"),
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "name", "password1", "password2")}),
    )

    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Django's, on the page on which staff do anything to a row."""
        response: HttpResponse = super().user_change_password(request, *args, **kwargs)
        if isinstance(response, TemplateResponse) and response.context_data is not None:
            if response.context_data["form"].errors:
                response.status_code = 422
            response.template_name = "admin/act.html"
            response.context_data |= {
                "row": response.context_data["original"],
                "button": _("Set the password"),
                "said": [
                    _(
                        "They are signed out wherever they are signed in, and sign in with this"
                        " password from now on. Tell it to them in a way that nobody else reads."
                    )
                ],
            }
        return response
