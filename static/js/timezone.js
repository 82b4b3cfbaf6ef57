// Puts the browser's time zone into a form that still says UTC. The person can change it.
const select = document.getElementById("id_time_zone");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const offered = select && [...select.options].some((option) => option.value === zone);

if (offered && select.value === "UTC") select.value = zone;
