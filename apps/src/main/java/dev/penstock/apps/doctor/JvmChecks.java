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
        boolean plainCollector = isOn("UseSerialGC") || isOn("UseParallelGC");
        boolean granted = Machine.class.getModule().isNativeAccessEnabled();
        boolean vector = Vectors.module().isPresent();
        return List.of(
                Check.of(version.feature() >= JDK, MISSING, GROUP, "JDK", version + " ("
                        + System.getProperty("java.vendor") + ")", "PENSTOCK_JAVA_HOME=/path/to/jdk-" + JDK
                        + " ./penstock ..."),
                Check.of(plainCollector, WARN, GROUP, "collector", collectors(),
                        "java -XX:+UseSerialGC ... (the launcher does); others cost 10 to 50 cycles a stored packet"),
                Check.of(isOn("UseCondCardMark"), WARN, GROUP, "UseCondCardMark",
                        isOn("UseCondCardMark") ? "on" : "off", "java -XX:+UseCondCardMark ... (the launcher does)"),
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
        HotSpotDiagnosticMXBean bean = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        try {
            return bean != null && Boolean.parseBoolean(bean.getVMOption(flag).getValue());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
