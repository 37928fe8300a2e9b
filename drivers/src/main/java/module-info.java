/** The port drivers, one package each. */
module dev.penstock.drivers {
    requires transitive dev.penstock.core;
}
