package dev.penstock.apps.doctor;

import static dev.penstock.apps.doctor.Check.Status.MISSING;
import static dev.penstock.apps.doctor.Check.Status.WARN;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.penstock.jit.Vectors;
import dev.penstock.linux.Machine;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Collectors;

/** Looks at the Java virtual machine and the flags it was started with. */
final class JvmChecks {
    private static final String GROUP = "java";
    private static final int JDK = 25;

    private JvmChecks() {}

    static List<Check> all() {
        Runtime.Version version = Runtime.version();
        boolean passive = isOn("UseShenandoahGC") && value("ShenandoahGCMode").equals("passive");
        boolean plainCollector = passive || isOn("UseSerialGC") || isOn("UseParallelGC");
        boolean cards = passive || isOn("UseCondCardMark");
        boolean granted = Machine.class.getModule().isNativeAccessEnabled();
        boolean vector = Vectors.module().isPresent();
        return List.of(
                Check.of(version.feature() >= JDK, MISSING, GROUP, "JDK", version + " ("
                        + System.getProperty("java.vendor") + ")", "PENSTOCK_JAVA_HOME=/path/to/jdk-" + JDK
                        + " ./penstock ..."),
                Check.of(plainCollector, WARN, GROUP, "collector", passive ? "Shenandoah, passive" : collectors(),
                        "java -XX:+UnlockDiagnosticVMOptions -XX:+UseShenandoahGC -XX:ShenandoahGCMode=passive ... (the launcher does),"
                        + " -XX:+UseSerialGC in a JDK without it; others cost 10 to 50 cycles a stored packet"),
                Check.of(cards, WARN, GROUP, "UseCondCardMark", passive ? "not needed" : cards ? "on" : "off",
                        "java -XX:+UseCondCardMark ... (the launcher does)"),
                Check.of(granted, WARN, GROUP, "native access", granted ? "granted to dev.penstock.linux"
                        : "not granted", "java --enable-native-access=dev.penstock.linux ... (the launcher does)"),
                Check.of(vector, WARN, GROUP, "Vector API", vector ? "present" : "absent: scalar code is used",
                        "java --add-modules=jdk.incubator.vector ... (the launcher does)"),
                Check.ok(GROUP, "largest heap", Amount.bytes(Runtime.getRuntime().maxMemory())));
    }

    private static String collectors() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream().map(GarbageCollectorMXBean::getName)
                .collect(Collectors.joining(", "));
    }

    private static boolean isOn(String flag) {
        return Boolean.parseBoolean(value(flag));
    }

    /** A flag's value; empty when this JVM does not know it. */
    private static String value(String flag) {
        HotSpotDiagnosticMXBean bean = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        try {
            return bean == null ? "" : bean.getVMOption(flag).getValue();
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
