mod ending;
mod extended;
mod simple;
mod startup;
