package dev.penstock.apps.doctor;

import dev.penstock.linux.Machine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One finding about the machine.
 *
 * @param group what it is about, such as {@code memory}
 * @param name what was looked at
 * @param status how it stands
 * @param value what was found
 * @param remedy the command that mends it, empty if there is nothing to mend
 */
record Check(String group, String name, Status status, String value, String remedy) {
    /** How a thing stands. */
    enum Status {
        /** As it should be. */
        OK,
        /** Works, but slower or with less than it could. */
        WARN,
        /** Something does not work at all. */
        MISSING;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Check ok(String group, String name, String value) {
        return new Check(group, name, Status.OK, value, "");
    }

    /** A finding that is good, or else stands at {@code otherwise} and can be mended. */
    static Check of(boolean good, Status otherwise, String group, String name, String value, String remedy) {
        return good ? ok(group, name, value) : new Check(group, name, otherwise, value, remedy);
    }

    /** A command that only root may give, as this user can give it. */
    static String asRoot(Machine machine, String command) {
        return machine.capabilities().contains("CAP_SYS_ADMIN") ? command : "sudo sh -c '" + command + "'";
    }

    /** The command that gives the kernel an argument, by the tool that the system has for that. */
    static String kernelArgument(Machine machine, String argument) {
        String root = machine.capabilities().contains("CAP_SYS_ADMIN") ? "" : "sudo ";
        String add = Files.isExecutable(Path.of("/usr/sbin/grubby")) ? root + "grubby --update-kernel=ALL --args='" + argument + "'"
                : root + "sed -i '/^GRUB_CMDLINE_LINUX=/s/\"$/ " + argument + "\"/' /etc/default/grub && " + root + "update-grub";
        return add + " && " + root + "reboot";
    }

    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("group", group);
        fields.put("name", name);
        fields.put("status", status.toString());
        fields.put("value", value);
        fields.put("remedy", remedy);
        return fields;
    }
}
