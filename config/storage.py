"""Static files with a hash in their name, ES modules included.

Django rewrites `import … from "./x.js"` only when asked to; without it a changed module
would be served from an old cache.
"""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # untyped
    support_js_module_import_aggregation = True
