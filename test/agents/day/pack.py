# What the day's package managers fetch, made here: Debian's pytest as wheels (PEP 427, 503), a crate with its index (the Cargo
# book, "Registry Index", sparse) and a Go module (golang.org/ref/mod, "GOPROXY protocol"). Arguments: directory, base URL.
import glob, hashlib, io, json, os, sys, tarfile, zipfile

root, base = sys.argv[1:]
debian = "/usr/lib/python3/dist-packages"
wheels = {
    "pytest": (["pytest", "_pytest", "py.py"], ["attrs", "iniconfig", "packaging", "pluggy"]),
    "attrs": (["attr", "attrs"], []),
    "iniconfig": (["iniconfig"], []),
    "packaging": (["packaging"], []),
    "pluggy": (["pluggy"], []),
}


def put(path, data):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())


def zipped(files):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data)
    return held.getvalue()


def tree(top):
    if os.path.isfile(top):
        return {os.path.basename(top): open(top, "rb").read()}
    paths = [path for path in glob.glob(f"{top}/**", recursive=True) if os.path.isfile(path) and "__pycache__" not in path]
    return {os.path.relpath(path, os.path.dirname(top)): open(path, "rb").read() for path in paths}


for name, (tops, needs) in wheels.items():
    [told] = glob.glob(f"{debian}/{name}-*-info")
    version = os.path.basename(told).split("-")[1].rsplit(".", 1)[0].split("+")[0]
    info = f"{name}-{version}.dist-info"
    files = {path: data for top in tops for path, data in tree(f"{debian}/{top}").items()}
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + "".join(f"Requires-Dist: {each}\n" for each in needs)
    files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: day\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if name == "pytest":
        files[f"{info}/entry_points.txt"] = "[console_scripts]\npytest = pytest:console_main\n"
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    wheel, data = f"{name}-{version}-py3-none-any.whl", zipped(files)
    put(f"pip/simple/{name}/{wheel}", data)
    put(f"pip/simple/{name}/index.html", f'<!DOCTYPE html><a href="{wheel}#sha256={hashlib.sha256(data).hexdigest()}">{wheel}</a>\n')

crate = {
    "Cargo.toml": '[package]\nname = "tally"\nversion = "1.0.0"\nedition = "2021"\n',
    "src/lib.rs": "pub fn total(all: &[u64]) -> u64 { all.iter().sum() }\n",
}
held = io.BytesIO()
with tarfile.open(fileobj=held, mode="w:gz") as archive:
    for name, text in crate.items():
        entry = tarfile.TarInfo(f"tally-1.0.0/{name}")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text.encode()))
put("cargo/crates/tally-1.0.0.crate", held.getvalue())
put("cargo/index/config.json", json.dumps({"dl": f"{base}/cargo/crates/{{crate}}-{{version}}.crate"}))
line = {"name": "tally", "vers": "1.0.0", "deps": [], "cksum": hashlib.sha256(held.getvalue()).hexdigest(), "features": {}, "yanked": False}
put("cargo/index/ta/ll/tally", json.dumps(line) + "\n")

module = "example.org/tally"
mod = f"module {module}\n\ngo 1.18\n"
put(f"go/{module}/@v/list", "v1.0.0\n")
put(f"go/{module}/@v/v1.0.0.info", json.dumps({"Version": "v1.0.0", "Time": "2026-01-01T00:00:00Z"}))
put(f"go/{module}/@v/v1.0.0.mod", mod)
source = "package tally\n\nfunc Total(all ...int) int {\n\tsum := 0\n\tfor _, one := range all {\n\t\tsum += one\n\t}\n\treturn sum\n}\n"
put(f"go/{module}/@v/v1.0.0.zip", zipped({f"{module}@v1.0.0/go.mod": mod, f"{module}@v1.0.0/tally.go": source}))
