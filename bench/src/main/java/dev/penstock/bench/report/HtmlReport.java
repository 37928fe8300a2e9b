package dev.penstock.bench.report;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** One page with everything in it: the table, the charts, and the library that draws them. */
public final class HtmlReport {
    private static final String CHART = "META-INF/resources/webjars/chart.js/4.5.1/dist/chart.umd.min.js";

    private HtmlReport() {}

    /**
     * Writes it.
     *
     * @param file where to
     * @param result what is shown
     * @throws IOException when it can't be written
     */
    public static void write(Path file, Result result) throws IOException {
        String page = resource(HtmlReport.class.getResourceAsStream("report.html"), "report.html");
        String chart = resource(ClassLoader.getSystemResourceAsStream(CHART), CHART);
        // A closing tag inside the data would end the script that holds it.
        String data = JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(result.toMap()).replace("</", "<\\/");
        Files.writeString(file, page.replace("/*CHART*/", chart.replace("//# sourceMappingURL=chart.umd.min.js.map", ""))
                .replace("/*DATA*/", data));
    }

    private static String resource(InputStream in, String name) throws IOException {
        if (in == null) {
            throw new IOException(name + " is missing from the build; run ./penstock build");
        }
        try (in) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
