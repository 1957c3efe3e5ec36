package java.awt;

import java.io.IOException;
import java.net.URI;

/**
 * The desktop of a machine without one: opens pages with the program in BROWSER, as Python's webbrowser does. The driver's browser
 * plugins ask java.awt.Desktop for a browser; with this class in its place (--patch-module java.desktop=...) they run unchanged.
 */
public class Desktop {
    private static final Desktop DESKTOP = new Desktop();

    private Desktop() {}

    public static Desktop getDesktop() {
        return DESKTOP;
    }

    public static boolean isDesktopSupported() {
        return true;
    }

    public boolean isSupported(Action action) {
        return action == Action.BROWSE;
    }

    public void browse(URI uri) throws IOException {
        String browser = System.getenv("BROWSER").replace(" %s", "");
        new ProcessBuilder(browser, uri.toString()).inheritIO().start();
    }

    public enum Action { BROWSE }
}
