"""TPC-H: three tables as Redshift declares them, and three queries with the specification's validation parameters."""

TABLES = {
    "customer": "c_custkey bigint, c_name varchar(25), c_address varchar(40), c_nationkey bigint, c_phone varchar(15), "
    "c_acctbal decimal(15,2), c_mktsegment varchar(10), c_comment varchar(117)",
    "orders": "o_orderkey bigint, o_custkey bigint, o_orderstatus varchar(1), o_totalprice decimal(15,2), o_orderdate date, "
    "o_orderpriority varchar(15), o_clerk varchar(15), o_shippriority integer, o_comment varchar(79)",
    "lineitem": "l_orderkey bigint, l_partkey bigint, l_suppkey bigint, l_linenumber integer, l_quantity decimal(15,2), "
    "l_extendedprice decimal(15,2), l_discount decimal(15,2), l_tax decimal(15,2), l_returnflag varchar(1), "
    "l_linestatus varchar(1), l_shipdate date, l_commitdate date, l_receiptdate date, l_shipinstruct varchar(25), "
    "l_shipmode varchar(10), l_comment varchar(44)",
}

QUERIES = {
    "TPC-H Q1": """
        select l_returnflag, l_linestatus, sum(l_quantity) as sum_qty, sum(l_extendedprice) as sum_base_price,
               sum(l_extendedprice * (1 - l_discount)) as sum_disc_price,
               sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) as sum_charge,
               avg(l_quantity) as avg_qty, avg(l_extendedprice) as avg_price, avg(l_discount) as avg_disc,
               count(*) as count_order
        from tpch.lineitem where l_shipdate <= date '1998-12-01' - interval '90 days'
        group by l_returnflag, l_linestatus order by l_returnflag, l_linestatus""",
    "TPC-H Q3": """
        select l_orderkey, sum(l_extendedprice * (1 - l_discount)) as revenue, o_orderdate, o_shippriority
        from tpch.customer, tpch.orders, tpch.lineitem
        where c_mktsegment = 'BUILDING' and c_custkey = o_custkey and l_orderkey = o_orderkey
          and o_orderdate < date '1995-03-15' and l_shipdate > date '1995-03-15'
        group by l_orderkey, o_orderdate, o_shippriority order by revenue desc, o_orderdate limit 10""",
    "TPC-H Q6": """
        select sum(l_extendedprice * l_discount) as revenue from tpch.lineitem
        where l_shipdate >= date '1994-01-01' and l_shipdate < date '1995-01-01'
          and l_discount between 0.05 and 0.07 and l_quantity < 24""",
}
