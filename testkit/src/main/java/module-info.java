/** What tests of network code need: seeded random input, network namespaces, traffic, hostile peers. */
module dev.penstock.testkit {
    requires transitive dev.penstock.linux;
    requires jdk.jfr;
    requires jdk.management;

    exports dev.penstock.testkit;
}
