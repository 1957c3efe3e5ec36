//! The program finds libduckdb.so where the build found it (`cargo xtask setup` puts it there).

fn main() {
    println!("cargo::rerun-if-env-changed=DUCKDB_LIB_DIR");
    if let Some(folder) = std::env::var_os("DUCKDB_LIB_DIR") {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{}", folder.display());
    }
}
