"""The tour of the README: signs a person in through the browser with the unmodified driver, and asks for two tables."""

import os

import redshift_connector

connection = redshift_connector.connect(
    credentials_provider="BrowserIdcAuthPlugin",
    issuer_url=os.environ["IDC_ISSUER_URL"],
    idc_region=os.environ["AWS_REGION"],
    host=os.environ["SQL_HOST"],
    port=int(os.environ["SQL_PORT"]),
    database=os.environ["SQL_DATABASE"],
)
connection.autocommit = True
cursor = connection.cursor()


def ask(statement):
    print(f"\n{statement}")
    try:
        cursor.execute(statement)
        for row in cursor.fetchall():
            print("   ", *row)
    except redshift_connector.Error as error:
        answer = error.args[0] if error.args and isinstance(error.args[0], dict) else {"M": str(error)}
        for key, name in (("S", "severity"), ("C", "SQLSTATE"), ("M", "message"), ("D", "DETAIL"), ("H", "HINT")):
            if key in answer:
                print(f"    {name}: {answer[key]}")
    except OSError as error:  # the driver passes on what the socket says
        print(f"    the connection has ended: {error}")


ask("select current_user")
ask("select product, sales_amount from sales_schema.store_sales order by sales_amount")
ask("select * from finance_schema.revenue")
input("\nStill connected. Deactivate ethan in another terminal, then press Enter: ")
ask("select product, sales_amount from sales_schema.store_sales")
