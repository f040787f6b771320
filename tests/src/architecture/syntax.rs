//! What the syntax of a source file must not contain: `cfg` of an operating system outside the
//! platform folder, mutable globals anywhere, and in crates that are pure, the doors of the standard
//! library to clock, thread, socket, file and environment.
//!
//! Clippy's per-crate lists say the last again with types resolved; this scan also sees whole modules,
//! `async`, code behind a `cfg` that is off here, and what stands inside macros.

use std::path::Path;

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{ItemMod, ItemStatic, Macro, Signature, StaticMutability, UseTree};

use super::Violation;

/// The only folder that may ask which operating system this is.
const PLATFORM: &str = "engine/src/platform";
/// Tests that try one system's part of it on that system.
const PLATFORM_TESTS: &str = "engine/tests/platform_";
/// Files that may hold a global, and why.
const GLOBALS: [(&str, &str); 1] = [(
    "engine/src/platform/windows/hooks.rs",
    "Windows calls a hook without a context, so what it needs lies with the hook's own thread",
)];
/// Predicates of `cfg` that name an operating system.
const OS_PREDICATES: [&str; 6] = ["target_os", "target_family", "target_env", "target_vendor", "windows", "unix"];
/// Types that make a `static` mutable.
const INTERIOR_MUTABILITY: [&str; 9] = [
    "Mutex",
    "RwLock",
    "OnceLock",
    "LazyLock",
    "OnceCell",
    "LazyCell",
    "Cell",
    "RefCell",
    "UnsafeCell",
];

/// Paths that files under `folder` must not name, and why.
struct Absence {
    folder: &'static str,
    paths: &'static [&'static str],
    asynchronous: bool,
    why: &'static str,
}

const ABSENCES: [Absence; 5] = [
    Absence {
        folder: "protocol/src",
        paths: &[
            "std::net::TcpStream",
            "std::net::TcpListener",
            "std::net::UdpSocket",
            "std::thread",
            "std::time::Instant",
            "std::time::SystemTime",
            "std::process",
            "std::env",
            "std::fs",
            "std::os",
            "std::sync::mpsc",
            "tokio",
            "uuid::Uuid::now_v7",
            "Uuid::now_v7",
        ],
        asynchronous: false,
        why: "the protocol has no socket, clock, thread, file or async: take `now` and bytes as arguments",
    },
    Absence {
        folder: "codec/src",
        paths: &["std::net", "std::os", "std::process", "std::env", "std::fs", "tokio"],
        asynchronous: false,
        why: "the codec has no network and no operating system: take and return bytes",
    },
    Absence {
        folder: "codec/resample/src",
        paths: &["std::net", "std::os", "std::process", "std::env", "std::fs", "tokio"],
        asynchronous: false,
        why: "the resampler has no network and no operating system: take and return bytes",
    },
    Absence {
        folder: "console/src/ui",
        paths: PAINTER_PATHS,
        asynchronous: false,
        why: PAINTER_WHY,
    },
    Absence {
        folder: "applet/src/ui",
        paths: PAINTER_PATHS,
        asynchronous: false,
        why: PAINTER_WHY,
    },
];
const PAINTER_PATHS: &[&str] = &[
    "std::net",
    "std::fs",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::sync::Mutex",
    "std::sync::RwLock",
    "parking_lot",
    "tokio",
];
const PAINTER_WHY: &str = "painters see no socket, clock, file, lock or environment: put it into the view";

/// Checks one Rust file, whose path is relative to the workspace.
pub fn check(file: &Path, text: &str) -> Vec<Violation> {
    let text = strip_shebang(text);
    let may_hold_globals = GLOBALS.iter().any(|(allowed, _)| file == Path::new(allowed));
    let in_src = file.components().any(|part| part.as_os_str() == "src");
    let mut scan = Scan {
        file,
        refuses_globals: in_src && !may_hold_globals,
        violations: Vec::new(),
    };
    let is_platform = file.starts_with(PLATFORM) || file.to_string_lossy().starts_with(PLATFORM_TESTS);
    // What does not parse as tokens is said below, where it does not parse as a file.
    if let (Ok(tokens), false) = (text.parse::<TokenStream>(), is_platform) {
        scan.find_os_cfg(tokens);
    }
    match syn::parse_file(text) {
        Ok(syntax) => scan.visit_file(&syntax),
        Err(error) => scan.push("syntax", error.span(), format!("does not parse: {error}")),
    }
    scan.violations
}

struct Scan<'a> {
    file: &'a Path,
    /// Tests and benchmarks may count in globals; programs may not.
    refuses_globals: bool,
    violations: Vec<Violation>,
}

impl Scan<'_> {
    fn push(&mut self, rule: &'static str, span: Span, message: impl Into<String>) {
        let place = format!("{}:{}", self.file.display(), span.start().line);
        self.violations.push(Violation::new(rule, place, message));
    }

    /// Finds `cfg(…)`, `cfg_attr(…)` and `cfg!(…)` wherever they stand, inside macros as well.
    fn find_os_cfg(&mut self, tokens: TokenStream) {
        let mut after_cfg = false;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => after_cfg = ident == "cfg" || ident == "cfg_attr",
                TokenTree::Punct(punct) => after_cfg &= punct.as_char() == '!',
                TokenTree::Literal(_) => after_cfg = false,
                TokenTree::Group(group) => {
                    let predicate = after_cfg && group.delimiter() == Delimiter::Parenthesis;
                    if let Some(name) = predicate.then(|| os_predicate(group.stream())).flatten() {
                        let message = format!("`cfg({name})` belongs in {PLATFORM}");
                        self.push("os-cfg", group.span(), message);
                    }
                    after_cfg = false;
                    self.find_os_cfg(group.stream());
                }
            }
        }
    }

    fn refuse_global(&mut self, span: Span, message: String) {
        if self.refuses_globals {
            self.push("mutable-global", span, message);
        }
    }

    fn check_path(&mut self, path: &str, span: Span) {
        for absence in ABSENCES.iter().filter(|absence| self.file.starts_with(absence.folder)) {
            if absence.paths.iter().any(|forbidden| begins_with(path, forbidden)) {
                self.push("absence", span, format!("`{path}`: {}", absence.why));
            }
        }
    }

    fn check_async(&mut self, span: Span) {
        for absence in ABSENCES.iter().filter(|absence| self.file.starts_with(absence.folder)) {
            if !absence.asynchronous {
                self.push("absence", span, format!("`async`: {}", absence.why));
            }
        }
    }

    fn check_use(&mut self, prefix: &str, tree: &UseTree) {
        let joined = |name: &dyn ToString| match prefix {
            "" => name.to_string(),
            prefix => format!("{prefix}::{}", name.to_string()),
        };
        match tree {
            UseTree::Path(path) => self.check_use(&joined(&path.ident), &path.tree),
            UseTree::Name(name) if name.ident == "self" => self.check_path(prefix, name.span()),
            UseTree::Name(name) => self.check_path(&joined(&name.ident), name.span()),
            UseTree::Rename(rename) => self.check_path(&joined(&rename.ident), rename.span()),
            UseTree::Glob(glob) => self.check_path(prefix, glob.span()),
            UseTree::Group(group) => {
                group.items.iter().for_each(|item| self.check_use(prefix, item));
            }
        }
    }
}

impl<'ast> Visit<'ast> for Scan<'_> {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        let test_only = module
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Ident>().is_ok_and(|ident| ident == "test"));
        if !test_only {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_static(&mut self, item: &'ast ItemStatic) {
        if matches!(item.mutability, StaticMutability::Mut(_)) {
            let message = format!("`static mut {}`: pass the value in", item.ident);
            self.refuse_global(item.span(), message);
        }
        let mut types = TypeNames(Vec::new());
        types.visit_type(&item.ty);
        if let Some(name) = types.0.iter().find(|name| is_mutable(name)) {
            let message = format!("`static {}` holds `{name}`: pass the value in", item.ident);
            self.refuse_global(item.span(), message);
        }
        visit::visit_item_static(self, item);
    }

    fn visit_macro(&mut self, item: &'ast Macro) {
        let name = item.path.segments.last().map(|segment| segment.ident.to_string());
        if let Some(name @ ("thread_local" | "lazy_static")) = name.as_deref() {
            let message = format!("`{name}!`: pass the value in");
            self.refuse_global(item.path.span(), message);
        }
        visit::visit_macro(self, item);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.check_path(&names.join("::"), path.span());
        visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.check_use("", &item.tree);
    }

    fn visit_signature(&mut self, signature: &'ast Signature) {
        if signature.asyncness.is_some() {
            self.check_async(signature.span());
        }
        visit::visit_signature(self, signature);
    }

    fn visit_expr_async(&mut self, expression: &'ast syn::ExprAsync) {
        self.check_async(expression.span());
        visit::visit_expr_async(self, expression);
    }
}

/// The last segments of every path inside a type.
struct TypeNames(Vec<String>);

impl<'ast> Visit<'ast> for TypeNames {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.extend(path.segments.last().map(|segment| segment.ident.to_string()));
        visit::visit_path(self, path);
    }
}

fn is_mutable(type_name: &str) -> bool {
    INTERIOR_MUTABILITY.contains(&type_name) || type_name.starts_with("Atomic")
}

fn os_predicate(tokens: TokenStream) -> Option<String> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) => OS_PREDICATES.iter().find(|name| ident == **name).map(|name| (*name).to_owned()),
        TokenTree::Group(group) => os_predicate(group.stream()),
        _ => None,
    })
}

/// Whether `path` is `forbidden` or lies behind it.
fn begins_with(path: &str, forbidden: &str) -> bool {
    path.strip_prefix(forbidden)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn strip_shebang(text: &str) -> &str {
    match text.strip_prefix("#!") {
        Some(rest) if !rest.starts_with('[') => rest.split_once('\n').map_or("", |(_, rest)| rest),
        _ => text,
    }
}
