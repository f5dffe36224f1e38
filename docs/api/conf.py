"""How Sphinx makes the reference: `make docs`, offline, without one warning."""

import sys
from pathlib import Path

import dosekernel

# An extension module that is there already is not looked for as a stub.
import dosekernel._native
import dosekernel.face

# `face` imports this name for type checkers alone, and the kernel has a record of the same name.
vars(dosekernel.face)["Limits"] = dosekernel.Limits

sys.path.insert(0, str(Path(__file__).parent))

project = "dosekernel"
version = release = dosekernel.__version__
copyright = "the authors of dosekernel"
# The tree is the repository's, so that links between its pages hold as they stand.
root_doc = "docs/index"
include_patterns = ["README.md", "SOUNDNESS.md", "CHANGELOG.md", "docs/**"]
exclude_patterns = [".*", "build", "out", "tests", "examples", "docs/api/from_source"]
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.viewcode",
    "hawkmoth",
    "myst_parser",
    "from_source",
]
nitpicky = True
# Names of other projects: the reference is built offline, so it does not link to them.
nitpick_ignore = [("c:identifier", "int64_t")]
nitpick_ignore_regex = [
    (r"py:class", r"dosekernel\.kernel\.contract\.(AnyRecord|Function)"),  # a type's variables
    (
        r"py:.*",
        r"(apsw|argparse|collections|datetime|decimal|enum|fractions|hypothesis|icontract)\..*",
    ),
    (r"py:.*", r"(numpy|np|pathlib|random|types|typing|unittest)\..*"),
]

html_theme = "furo"
html_title = f"dosekernel {version}"
html_show_copyright = False
html_extra_path = ["start"]
html_static_path = ["style"]
html_css_files = ["reference.css"]
html_copy_source = False
html_show_search_summary = False  # a page opened from the disk may not read another one
html_theme_options: dict[str, list[str]] = {"top_of_page_buttons": []}
toc_object_entries_show_parents = "hide"

autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
smartquotes = False  # `--json` stays `--json`
add_module_names = False
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 90
c_maximum_signature_line_length = 90

# The header as the package has it; libclang comes with the reference's own packages.
hawkmoth_root = dosekernel.get_include()
hawkmoth_compiler = None
hawkmoth_autoconf: list[str] = []
hawkmoth_clang = ["-DDOSEKERNEL_API=", "-ffreestanding"]

myst_heading_anchors = 3
