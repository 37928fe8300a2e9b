package dev.penstock.jit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodHandles.Lookup.ClassOption;
import java.lang.invoke.MethodType;

/**
 * Makes code for one configuration. The JIT takes {@code static final} fields, and the fields of records in them, for
 * constants: a comparison with one is decided when it compiles, and a call through one is inlined. A configuration that
 * is known only when the program starts becomes such constants in a copy of a class that is defined then.
 *
 * <p>A template is an ordinary class with a constructor without parameters and
 * {@snippet :
 * private static final Config CONFIG = Specialised.constants(MethodHandles.lookup(), Config.class);
 * }
 * Each copy has constants, profile and compiled code of its own. Copies cost some kilobytes and their compilation: make
 * one when a port or a pipeline is set up, never on the packet path.
 */
public final class Specialised {
    private Specialised() {}

    /**
     * Makes an object of a fresh copy of a class.
     *
     * @param <T> what the copy is used as
     * @param lookup the caller's own, {@code MethodHandles.lookup()}, in the template's package
     * @param template the class that is copied; not nested in use of itself, since the copy has no name to be found by
     * @param type an interface or super class of it
     * @param constants what {@link #constants} gives the copy; not changed afterwards
     * @return an object of the copy
     * @throws IllegalArgumentException when the template cannot be copied; with what to mend
     */
    public static <T> T of(Lookup lookup, Class<? extends T> template, Class<T> type, Object constants) {
        String file = template.getName().substring(template.getPackageName().length() + 1) + ".class";
        try (InputStream in = template.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalArgumentException(template.getName() + " has no class file to be copied; name a class from a jar or folder");
            }
            Lookup copy = lookup.defineHiddenClassWithClassData(in.readAllBytes(), constants, true, ClassOption.NESTMATE);
            return type.cast(copy.findConstructor(copy.lookupClass(), MethodType.methodType(void.class)).invoke());
        } catch (IOException e) {
            throw new UncheckedIOException(template.getName() + " cannot be read", e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(template.getName() + " cannot be copied: give the lookup of a class in its package,"
                    + " and the template a constructor without parameters", e);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(template.getName() + "'s constructor failed", e);
        }
    }

    /**
     * What a copy was made with; for the initialisers of a template.
     *
     * @param <T> its type
     * @param lookup the template's own
     * @param type its class
     * @return the constants that were given to {@link #of}
     * @throws IllegalStateException in the template itself, which was made with none
     */
    public static <T> T constants(Lookup lookup, Class<T> type) {
        try {
            T constants = MethodHandles.classData(lookup, "_", type);
            if (constants == null) {
                throw new IllegalStateException(lookup.lookupClass().getName() + " is a template; make objects of it by Specialised.of");
            }
            return constants;
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(lookup.lookupClass().getName() + ": give its own lookup, MethodHandles.lookup()", e);
        }
    }
}
