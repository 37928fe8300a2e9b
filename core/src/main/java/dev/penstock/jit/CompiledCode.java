package dev.penstock.jit;

import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** What HotSpot's top tier has compiled of the program's own classes, and is in use ({@code jcmd Compiler.codelist}). */
final class CompiledCode {
    /** Number of the compilation, tier 4, state 0 (in use), method and signature; those of the JDK are left out. */
    private static final Pattern LINE = Pattern.compile("^ *(\\d+) +4 +0 +(?!java\\.|javax\\.|jdk\\.|sun\\.|com\\.sun\\.)([^( ]+)\\(",
            Pattern.MULTILINE);

    private CompiledCode() {}

    /** The compilations in use, by number, each with its method; none on a JVM that can't tell. */
    static Map<Integer, String> inUse() {
        Map<Integer, String> code = new HashMap<>();
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        try {
            Object text = server.invoke(new ObjectName("com.sun.management:type=DiagnosticCommand"), "compilerCodelist", null, null);
            Matcher m = LINE.matcher((String) text);
            while (m.find()) {
                code.put(Integer.parseInt(m.group(1)), m.group(2));
            }
        } catch (JMException e) {
            return Map.of();
        }
        return code;
    }
}
