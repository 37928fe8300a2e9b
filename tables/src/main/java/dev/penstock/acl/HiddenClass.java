package dev.penstock.acl;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.MethodModel;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A {@link Classifier} of one rule set in the making: a class of this package as it is, but for some methods that are
 * written for the rules. Tables are its class data, and so constants of the JIT.
 */
final class HiddenClass {
    private static final DirectMethodHandleDesc DATA_AT = ConstantDescs.ofConstantBootstrap(
            MethodHandles.class.describeConstable().orElseThrow(), "classDataAt", ConstantDescs.CD_Object, ConstantDescs.CD_int);
    private static final int FLAGS = ClassFile.ACC_STATIC | ClassFile.ACC_FINAL;

    private final Class<?> template;
    private final Set<String> replaced;
    /** First what the template names by number, then what the methods need. */
    private final List<Object> constants;
    private final List<Consumer<ClassBuilder>> methods = new ArrayList<>();

    /**
     * Begins one.
     *
     * @param template what it is made from
     * @param replaced names of the template's methods that are written anew
     * @param constants what the template takes from its class data, by number
     */
    HiddenClass(Class<?> template, Set<String> replaced, Object... constants) {
        this.template = template;
        this.replaced = replaced;
        this.constants = new ArrayList<>(List.of(constants));
    }

    /** Adds a static method. */
    void method(String name, MethodTypeDesc type, Consumer<CodeBuilder> body) {
        methods.add(builder -> builder.withMethodBody(name, type, FLAGS, body));
    }

    /** Leaves a constant of the class, from within a method's body. */
    void constant(CodeBuilder code, ClassDesc type, Object value) {
        int index = 0;
        while (index < constants.size() && constants.get(index) != value) {
            index++;
        }
        if (index == constants.size()) {
            constants.add(value);
        }
        code.loadConstant(DynamicConstantDesc.ofNamed(DATA_AT, "_", type, index));
    }

    /** The class file. */
    byte[] bytes() {
        return ClassFile.of().build(template.describeConstable().orElseThrow(), builder -> {
            ClassFile.of().parse(original()).forEach(element -> {
                if (!(element instanceof MethodModel method && replaced.contains(method.methodName().stringValue()))) {
                    builder.with(element);
                }
            });
            methods.forEach(method -> method.accept(builder));
        });
    }

    private byte[] original() {
        try (InputStream in = template.getResourceAsStream(template.getSimpleName() + ".class")) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new AclBuildException("the class that those of ACLs are made from cannot be read: " + e, e);
        }
    }

    /**
     * Makes the class and an instance of it.
     *
     * @param fields what its rules are about, for the error
     * @return the instance
     * @throws AclBuildException when the JVM does not take the class
     */
    Classifier instance(AclField[] fields) {
        byte[] code = bytes();
        try {
            return (Classifier) MethodHandles.lookup().defineHiddenClassWithClassData(code, List.copyOf(constants), true)
                    .lookupClass().getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new AclBuildException("the class of an ACL of " + List.of(fields).stream().map(AclField::name).toList()
                    + " was not accepted: " + e, e);
        }
    }
}
