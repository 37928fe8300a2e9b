package dev.penstock.ethdev;

import dev.penstock.eal.DeviceArgs;
import dev.penstock.eal.Eal;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes devices of one kind. Found through {@link java.util.ServiceLoader}; the device argument
 * {@code net_null0,size=64} is served by the driver named {@code net_null} (DPDK: rte_vdev_driver).
 */
public interface PortDriver {
    /**
     * The name that device arguments begin with, such as {@code net_null}.
     *
     * @return the name
     */
    String name();

    /**
     * Older names for the same driver, such as {@code eth_null}.
     *
     * @return the names, often none
     */
    default List<String> aliases() {
        return List.of();
    }

    /**
     * The keys that {@link #probe} understands; any other is refused before it is called.
     *
     * @return the keys
     */
    Set<String> parameters();

    /**
     * Makes a device.
     *
     * @param eal the instance that it belongs to
     * @param request what was asked for
     * @return the device, not configured
     * @throws IllegalArgumentException when an argument is wrong; says which and how to mend it
     * @throws dev.penstock.linux.LinuxException when the operating system refuses
     */
    Device probe(Eal eal, Request request);

    /**
     * What a driver is asked to make.
     *
     * @param name the device's whole name, such as {@code net_null0}
     * @param arguments each key with its values, in order; a key that was given twice has two
     * @param ports the instance's ports, for drivers that stand on other ports
     */
    record Request(String name, Map<String, List<String>> arguments, Ports ports) {
        /**
         * The last value of a key.
         *
         * @param key the key
         * @param fallback the value when the key is absent
         * @return the value
         */
        public String text(String key, String fallback) {
            List<String> values = arguments.get(key);
            return values == null || values.isEmpty() ? fallback : values.getLast();
        }

        /**
         * All values of a key.
         *
         * @param key the key
         * @return the values, in order, often none
         */
        public List<String> all(String key) {
            return arguments.getOrDefault(key, List.of());
        }

        /**
         * A number, decimal or with 0x.
         *
         * @param key the key
         * @param fallback the value when the key is absent
         * @param min the smallest allowed
         * @param max the largest allowed
         * @return the value
         * @throws IllegalArgumentException when it is no number or out of range
         */
        public int number(String key, int fallback, int min, int max) {
            String text = text(key, null);
            if (text == null) {
                return fallback;
            }
            long value;
            try {
                value = DeviceArgs.number(text);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(name + ": " + key + "=" + text + " is not a number; give one from "
                        + min + " to " + max);
            }
            if (value < min || value > max) {
                throw new IllegalArgumentException(name + ": " + key + "=" + text + " is out of range; give one from "
                        + min + " to " + max);
            }
            return (int) value;
        }

        /**
         * A switch: 1, 0, yes, no, true, false, on, off.
         *
         * @param key the key
         * @param fallback the value when the key is absent
         * @return the value
         * @throws IllegalArgumentException when it is something else
         */
        public boolean flag(String key, boolean fallback) {
            String text = text(key, null);
            return text == null ? fallback : switch (text) {
                case "1", "yes", "true", "on", "" -> true;
                case "0", "no", "false", "off" -> false;
                default -> throw new IllegalArgumentException(name + ": " + key + "=" + text + "; give 0 or 1");
            };
        }
    }
}
