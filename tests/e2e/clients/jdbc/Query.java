import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

/**
 * Connects as an application would and runs statements: {@code Query URL [name=value ...] -- [statement ...]}.
 * Prints a line for each row ("row", then its values, tab-separated), and "error SQLSTATE message" where one fails.
 */
public class Query {
    public static void main(String[] arguments) throws Exception {
        Properties properties = new Properties();
        int at = 1;
        for (; at < arguments.length && !arguments[at].equals("--"); at++) {
            String[] pair = arguments[at].split("=", 2);
            properties.setProperty(pair[0], pair[1]);
        }
        try (Connection connection = DriverManager.getConnection(arguments[0], properties)) {
            System.out.println("connected " + connection.getMetaData().getURL());
            for (at++; at < arguments.length; at++) {
                run(connection, arguments[at]);
            }
        } catch (SQLException error) {
            tell(error);
            System.exit(3);
        }
    }

    private static void run(Connection connection, String text) {
        try (Statement statement = connection.createStatement()) {
            boolean rows = statement.execute(text);
            if (!rows) {
                System.out.println("done\t" + statement.getUpdateCount());
                return;
            }
            ResultSet result = statement.getResultSet();
            ResultSetMetaData columns = result.getMetaData();
            while (result.next()) {
                StringBuilder line = new StringBuilder("row");
                for (int column = 1; column <= columns.getColumnCount(); column++) {
                    line.append('\t').append(result.getString(column));
                }
                System.out.println(line);
            }
        } catch (SQLException error) {
            tell(error);
        }
    }

    private static void tell(SQLException error) {
        System.out.println("error\t" + error.getSQLState() + "\t" + error.getMessage().replace('\n', ' '));
    }
}
