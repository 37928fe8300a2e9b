package dev.penstock.jit;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Whether code on the packet path may use the Vector API.
 *
 * <p>It may where the JVM was started with {@code --add-modules=jdk.incubator.vector}. The launcher takes another way: it lets this
 * class load the module when the first user comes, as the JDK loads its own agents' modules; so the start is not slowed, nor is the
 * JVM's warning of an incubating module printed at each. That needs {@code -XX:+EnableVectorSupport} and {@code java.base}'s package
 * {@code jdk.internal.module} exported to this module, see {@code docs/decisions/jvm-flags.md}. Where neither is, scalar twins run.
 *
 * <p>Thread-safe.
 */
public final class Vectors {
    private static final String NAME = "jdk.incubator.vector";
    private static final String LOADER_PACKAGE = "jdk.internal.module";
    private static final Optional<Module> MODULE = ModuleLayer.boot().findModule(NAME).or(Vectors::load);

    private Vectors() {}

    /** @return the Vector API's module, or nothing where it can't be used */
    public static Optional<Module> module() {
        return MODULE;
    }

    /**
     * Lets a module read the Vector API, which it must before its classes use that.
     *
     * @param addReads the user's own {@link Module#addReads}, {@code User.class.getModule()::addReads}: only he can call it
     * @return whether there is a Vector API to use
     */
    public static boolean readBy(Consumer<Module> addReads) {
        MODULE.ifPresent(addReads);
        return MODULE.isPresent();
    }

    private static Optional<Module> load() {
        if (!Object.class.getModule().isExported(LOADER_PACKAGE, Vectors.class.getModule())) {
            return Optional.empty();
        }
        try {
            Class<?> modules = Class.forName(LOADER_PACKAGE + ".Modules");
            return Optional.of((Module) modules.getMethod("loadModule", String.class).invoke(null, NAME));
        } catch (ReflectiveOperationException | RuntimeException e) {
            return Optional.empty();
        }
    }
}
