package dev.penstock.linux;

/** The system that the process runs on. Every method here works on any system. */
public final class Platform {
    /** A processor architecture whose numbers and layouts are known. */
    public enum Arch {
        /** AMD64. */
        X86_64,
        /** 64-bit Arm. */
        AARCH64,
        /** Any other: nothing of this package works there. */
        OTHER
    }

    private static final Arch ARCH = switch (System.getProperty("os.arch")) {
        case "amd64", "x86_64" -> Arch.X86_64;
        case "aarch64", "arm64" -> Arch.AARCH64;
        default -> Arch.OTHER;
    };
    private static final boolean LINUX = System.getProperty("os.name").equals("Linux") && ARCH != Arch.OTHER;

    private Platform() {}

    /** @return whether this is Linux on a processor whose layouts are known, so that the rest of this package works */
    public static boolean isLinux() {
        return LINUX;
    }

    /** @return the processor's architecture */
    public static Arch arch() {
        return ARCH;
    }

    /**
     * Refuses to go on anywhere but on Linux.
     *
     * @param what what needs it, for the message
     * @throws NotLinuxException on any other system
     */
    public static void requireLinux(String what) {
        if (!LINUX) {
            throw new NotLinuxException(what);
        }
    }

    /** @return the size of a page in bytes: 4,096, or what an aarch64 kernel was built for; 4,096 where not Linux */
    public static int pageSizeBytes() {
        return Sysconf.PAGE_SIZE;
    }

    private static final class Sysconf {
        private static final int SC_PAGESIZE = 30;
        static final int PAGE_SIZE = LINUX ? pageSize() : 4096;

        private static int pageSize() {
            return new CFunction("sysconf").call(SC_PAGESIZE);
        }
    }
}
