// The console is dark until its operator chooses otherwise (Django's theme button).
if (!localStorage.getItem("theme")) localStorage.setItem("theme", "dark");
