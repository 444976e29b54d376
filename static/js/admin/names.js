// Fields that look up while typing have no name of their own: each takes that of its label.
"use strict";

function nameLookups() {
  for (const select of document.querySelectorAll("select.admin-autocomplete[data-select2-id]")) {
    const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    const shown = select.nextElementSibling;
    if (!label || !shown) continue;
    label.id ||= `${select.id}_label`;
    for (const part of shown.querySelectorAll(".select2-selection, .select2-selection__rendered, .select2-search__field")) {
      part.setAttribute("aria-labelledby", part.matches(".select2-selection--single") ? `${label.id} select2-${select.id}-container` : label.id);
    }
  }
}

function nameSearch(event) {
  const label = document.querySelector(`label[for="${CSS.escape(event.target.id)}"]`);
  const field = document.querySelector(".select2-dropdown .select2-search__field");
  if (label && field) field.setAttribute("aria-label", label.textContent);
}

if (window.django?.jQuery) {
  window.addEventListener("load", nameLookups);
  document.addEventListener("formset:added", nameLookups);
  django.jQuery(document).on("select2:open", nameSearch);
}
