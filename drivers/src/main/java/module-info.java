/** The port drivers, one package each. */
module dev.penstock.drivers {
    requires transitive dev.penstock.core;

    provides dev.penstock.ethdev.PortDriver with
            dev.penstock.drivers.nulldev.NullDriver;
}
