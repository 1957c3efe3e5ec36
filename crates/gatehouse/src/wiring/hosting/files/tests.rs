use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use base::id::WarehouseId;
use tempfile::TempDir;

use super::WarehouseFiles;

fn id(text: &str) -> WarehouseId {
    WarehouseId::new(text)
}

#[test]
fn each_warehouse_has_a_folder_for_its_owner_only() {
    let folder = TempDir::new().unwrap();
    let files = WarehouseFiles::below(folder.path().to_path_buf());
    files.make(&id("w-1")).unwrap();
    files.make(&id("w-1")).unwrap();
    files.make(&id("w-2")).unwrap();
    assert_eq!(files.file(&id("w-1")), folder.path().join("warehouses/w-1/data.duckdb"));
    for name in ["warehouses", "warehouses/w-1"] {
        assert_eq!(fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777, 0o700);
    }
    for name in ["data.duckdb", "data.duckdb.wal"] {
        fs::write(folder.path().join("warehouses/w-1").join(name), "x").unwrap();
    }
    fs::create_dir(folder.path().join("warehouses/w-1/data.duckdb.tmp")).unwrap();
    fs::write(folder.path().join("warehouses/w-1/data.duckdb.tmp/duckdb_temp_storage-0.tmp"), "x").unwrap();
    files.remove_spilled(&id("w-1")).unwrap();
    files.remove_spilled(&id("w-1")).unwrap();
    let left = |name: &str| folder.path().join("warehouses/w-1").join(name).exists();
    assert!(left("data.duckdb") && left("data.duckdb.wal") && !left("data.duckdb.tmp"));
    files.remove(&id("w-1")).unwrap();
    files.remove(&id("w-1")).unwrap();
    assert!(!folder.path().join("warehouses/w-1").exists() && folder.path().join("warehouses/w-2").exists());
}

#[test]
fn an_id_that_is_no_plain_name_makes_nothing() {
    let folder = TempDir::new().unwrap();
    let files = WarehouseFiles::below(folder.path().to_path_buf());
    for name in ["", "..", "../x", "a/b", "/tmp/x"] {
        assert!(files.make(&id(name)).is_err(), "{name}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Killed at every point of the move.
#[test]
fn the_first_file_moves_to_its_warehouse_also_after_an_interruption() {
    for log_moved in [false, true] {
        let folder = TempDir::new().unwrap();
        let files = WarehouseFiles::below(folder.path().to_path_buf());
        fs::write(folder.path().join("gatehouse-data.duckdb"), "rows").unwrap();
        if log_moved {
            files.make(&id("w-1")).unwrap();
            fs::write(folder.path().join("warehouses/w-1/data.duckdb.wal"), "log").unwrap();
        } else {
            fs::write(folder.path().join("gatehouse-data.duckdb.wal"), "log").unwrap();
        }
        for _ in 0..2 {
            files.adopt_first(&[id("w-1")]).unwrap();
            assert_eq!(fs::read_to_string(files.file(&id("w-1"))).unwrap(), "rows");
            assert_eq!(fs::read_to_string(folder.path().join("warehouses/w-1/data.duckdb.wal")).unwrap(), "log");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }
}

#[test]
fn a_first_file_that_is_nobodys_stops_the_start_and_stays() {
    let folder = TempDir::new().unwrap();
    let files = WarehouseFiles::below(folder.path().to_path_buf());
    files.adopt_first(&[]).unwrap();
    fs::write(folder.path().join("gatehouse-data.duckdb"), "rows").unwrap();
    for ids in [&[][..], &[id("w-1"), id("w-2")]] {
        let error = files.adopt_first(ids).unwrap_err().to_string();
        assert!(error.contains("belongs to no cluster"), "{error}");
    }
    // one that has data already is not the one
    files.make(&id("w-1")).unwrap();
    fs::write(files.file(&id("w-1")), "other rows").unwrap();
    files.adopt_first(&[id("w-1")]).unwrap_err();
    assert_eq!(fs::read_to_string(files.file(&id("w-1"))).unwrap(), "other rows");
    files.adopt_first(&[id("w-1"), id("w-2")]).unwrap();
    assert_eq!(fs::read_to_string(files.file(&id("w-2"))).unwrap(), "rows");
}
