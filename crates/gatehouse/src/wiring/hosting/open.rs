//! Which warehouses are open, and which one a connection is for.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use base::id::WarehouseId;
use control::{Control, RouteRefusal};
use engine_duckdb::{Closed, DuckDb};
use query::{CancelKeys, Found, NetworkRefusal, NoWarehouse, Warehouse, Warehouses};

/// Every warehouse that should be open, by id.
#[derive(Debug, Default)]
pub(crate) struct OpenWarehouses {
    slots: RwLock<HashMap<WarehouseId, Slot>>,
    cancel_keys: Arc<CancelKeys>,
}

#[derive(Debug, Clone)]
enum Slot {
    Open(Opened),
    /// Nobody comes in any more, and its file isn't closed yet.
    Closing(Closed),
    Broken(Broken),
}

/// An open warehouse, with what its file is copied by.
#[derive(Debug, Clone)]
pub(super) struct Opened {
    pub(super) warehouse: Arc<Warehouse>,
    /// The warehouse owns it.
    pub(super) engine: Weak<DuckDb>,
    pub(super) closed: Closed,
}

/// A warehouse that couldn't be opened when the server started.
#[derive(Debug, Clone)]
struct Broken {
    name: String,
    cause: String,
}

impl OpenWarehouses {
    pub(crate) fn get(&self, id: &WarehouseId) -> Option<Arc<Warehouse>> {
        match self.read().get(id) {
            Some(Slot::Open(opened)) => Some(Arc::clone(&opened.warehouse)),
            Some(Slot::Closing(_) | Slot::Broken(_)) | None => None,
        }
    }

    /// The engine of an open one.
    pub(super) fn engine(&self, id: &WarehouseId) -> Option<Arc<DuckDb>> {
        match self.read().get(id) {
            Some(Slot::Open(opened)) => opened.engine.upgrade(),
            Some(Slot::Closing(_) | Slot::Broken(_)) | None => None,
        }
    }

    /// In no order.
    pub(crate) fn all(&self) -> Vec<Arc<Warehouse>> {
        let slots = self.read();
        let open = slots.values().filter_map(|slot| match slot {
            Slot::Open(opened) => Some(Arc::clone(&opened.warehouse)),
            Slot::Closing(_) | Slot::Broken(_) => None,
        });
        open.collect()
    }

    /// One line for each warehouse that is out of service; empty where all work.
    pub(crate) fn out_of_service(&self) -> Vec<String> {
        let slots = self.read();
        let broken = slots.values().filter_map(|slot| match slot {
            Slot::Open(opened) if opened.warehouse.is_usable() => None,
            Slot::Open(opened) => Some(format!("the warehouse {} had an internal error", opened.warehouse.name())),
            // Somebody asked for it.
            Slot::Closing(_) => None,
            Slot::Broken(Broken { name, cause: _ }) => Some(format!("the warehouse {name} can't be opened")),
        });
        let mut lines: Vec<_> = broken.collect();
        lines.sort_unstable();
        lines
    }

    pub(super) fn put(&self, opened: Opened) {
        self.write().insert(opened.warehouse.id().clone(), Slot::Open(opened));
    }

    /// From now on nobody finds it. Answers it where it was open, and when its file is closed; `None` where no file is open.
    pub(super) fn begin_close(&self, id: &WarehouseId) -> Option<(Option<Arc<Warehouse>>, Closed)> {
        let mut slots = self.write();
        match slots.remove(id)? {
            Slot::Open(Opened { warehouse, engine: _, closed }) => {
                slots.insert(id.clone(), Slot::Closing(closed.clone()));
                Some((Some(warehouse), closed))
            }
            Slot::Closing(closed) => {
                slots.insert(id.clone(), Slot::Closing(closed.clone()));
                Some((None, closed))
            }
            Slot::Broken(_) => None,
        }
    }

    /// Whether it is there: open, or not closed yet.
    pub(super) fn has_file(&self, id: &WarehouseId) -> bool {
        matches!(self.read().get(id), Some(Slot::Open(_) | Slot::Closing(_)))
    }

    /// `cause` is for the log.
    pub(crate) fn put_broken(&self, id: WarehouseId, name: String, cause: String) {
        self.write().insert(id, Slot::Broken(Broken { name, cause }));
    }

    /// Takes it out: from now on nobody finds it. Answers it where it was open.
    pub(crate) fn remove(&self, id: &WarehouseId) -> Option<Arc<Warehouse>> {
        match self.write().remove(id) {
            Some(Slot::Open(opened)) => Some(opened.warehouse),
            Some(Slot::Closing(_) | Slot::Broken(_)) | None => None,
        }
    }

    /// Lets go of all of them.
    pub(crate) fn clear(&self) {
        self.write().clear();
    }

    pub(crate) const fn cancel_keys(&self) -> &Arc<CancelKeys> {
        &self.cancel_keys
    }

    fn find(&self, id: &WarehouseId) -> Result<Arc<Warehouse>, NoWarehouse> {
        let out_of_service = |name: String, log: String| Err(NoWarehouse::OutOfService { name, log });
        match self.read().get(id).cloned() {
            Some(Slot::Open(opened)) => Ok(opened.warehouse),
            Some(Slot::Broken(Broken { name, cause })) => out_of_service(name, cause),
            Some(Slot::Closing(_)) | None => out_of_service(id.to_string(), "it is being opened or closed".to_owned()),
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<WarehouseId, Slot>> {
        self.slots.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<WarehouseId, Slot>> {
        self.slots.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The control plane's routes, over the open warehouses.
#[derive(Debug)]
pub(crate) struct Routes {
    pub(crate) control: Arc<Control>,
    pub(crate) open: Arc<OpenWarehouses>,
}

impl Warehouses for Routes {
    fn find(&self, server_name: Option<&str>, port: u16, peer: IpAddr) -> Result<Found, NoWarehouse> {
        let admitted = self.control.admit(server_name, port, peer).map_err(|refusal| nowhere(refusal, port))?;
        let warehouse = self.open.find(&admitted.warehouse)?;
        if let Some(record) = self.control.warehouse(&admitted.warehouse) {
            warehouse.rename(&record.name);
        }
        Ok(Found { warehouse, network_rule: Some(admitted.network_rule) })
    }

    fn at_port(&self, port: u16, peer: IpAddr) -> Result<(), NoWarehouse> {
        self.control.admit_at_port(port, peer).map_err(|refusal| nowhere(refusal, port))
    }

    fn cancel_keys(&self) -> &CancelKeys {
        self.open.cancel_keys()
    }
}

fn nowhere(refusal: RouteRefusal, port: u16) -> NoWarehouse {
    match refusal {
        RouteRefusal::Unknown { server_name } => NoWarehouse::Unknown { server_name },
        RouteRefusal::NotAvailable { endpoint } => NoWarehouse::NotAvailable { endpoint },
        RouteRefusal::Paused { cluster } => NoWarehouse::Paused { cluster },
        RouteRefusal::Nothing => NoWarehouse::Nothing { port },
        RouteRefusal::NotPublic { peer } => NoWarehouse::NotPublic { peer },
        RouteRefusal::NotAdmitted { endpoint, refusal } => {
            let checks = refusal.checks();
            let refusal = NetworkRefusal { peer: refusal.peer, reason: refusal.reason(), mend: refusal.mend(), checks };
            NoWarehouse::NotAdmitted { name: endpoint, refusal }
        }
    }
}
