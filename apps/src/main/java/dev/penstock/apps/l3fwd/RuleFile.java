package dev.penstock.apps.l3fwd;

import dev.penstock.apps.cli.Trouble;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A rule file as DPDK's l3fwd reads it: one rule a line, which begins with {@code R} for a route or {@code @} for an ACL
 * entry. Lines that begin with {@code #} and blank lines are passed over, as is what stands behind a rule's last field.
 */
final class RuleFile {
    private RuleFile() {}

    /**
     * Reads all rules.
     *
     * @param file the file
     * @param leads what lines may begin with
     * @param example a route, for who gives none
     * @param rule takes each
     * @throws IllegalArgumentException when it can't be read, or a rule is wrong; names line and field
     */
    static void read(Path file, String leads, String example, Consumer<RuleLine> rule) {
        int routes = 0;
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (line.isBlank() || line.charAt(0) == '#') {
                    continue;
                }
                if (leads.indexOf(line.charAt(0)) < 0) {
                    throw new IllegalArgumentException(file + " line " + number + ": should start with leading char "
                            + String.join(" or ", leads.split("")));
                }
                RuleLine parsed = new RuleLine(file.toString(), number, line);
                rule.accept(parsed);
                routes += parsed.lead() == 'R' ? 1 : 0;
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("can't read the rule file " + file + ": " + Trouble.reason(e), e);
        }
        if (routes == 0) {
            throw new IllegalArgumentException(file + ": no route in it; give lines such as " + example);
        }
    }
}
