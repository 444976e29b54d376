// Names for what Django's widgets leave without one.
"use strict";

// Fields that look up while typing: each takes the name of its label.
function nameLookups() {
  for (const select of document.querySelectorAll("select.admin-autocomplete[data-select2-id]")) {
    const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
    const shown = select.nextElementSibling;
    if (!label || !shown) continue;
    label.id ||= `${select.id}_label`;
    for (const part of shown.querySelectorAll(".select2-selection, .select2-selection__rendered[role], .select2-search__field")) {
      const value = part.matches(".select2-selection--single") ? ` select2-${select.id}-container` : "";
      part.setAttribute("aria-labelledby", label.id + value);
    }
  }
}

function nameSearch(event) {
  const label = document.querySelector(`label[for="${CSS.escape(event.target.id)}"]`);
  const field = document.querySelector(".select2-dropdown .select2-search__field");
  if (label && field) field.setAttribute("aria-label", label.textContent);
}

// The two lists between which several are chosen: their pictures have words, but no role.
function nameFilters() {
  for (const icon of document.querySelectorAll(".selector .search-label-icon")) {
    icon.setAttribute("role", "img");
  }
}

window.addEventListener("load", nameFilters);
if (window.django?.jQuery) {
  // In jQuery's queue, behind Django's own beginning.
  django.jQuery(nameLookups);
  document.addEventListener("formset:added", nameLookups);
  django.jQuery(document).on("select2:open", nameSearch);
}
