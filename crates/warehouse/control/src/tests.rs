mod clusters;
mod fake;
mod idc_applications;
