import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.emf.common.util.BasicDiagnostic;
import org.eclipse.emf.common.util.Diagnostic;
import org.eclipse.emf.common.util.EList;
import org.eclipse.emf.common.util.TreeIterator;
import org.eclipse.emf.common.util.URI;
import org.eclipse.emf.ecore.EClass;
import org.eclipse.emf.ecore.EDataType;
import org.eclipse.emf.ecore.EObject;
import org.eclipse.emf.ecore.EReference;
import org.eclipse.emf.ecore.EStructuralFeature;
import org.eclipse.emf.ecore.EStructuralFeature.Setting;
import org.eclipse.emf.ecore.EcorePackage;
import org.eclipse.emf.ecore.resource.Resource;
import org.eclipse.emf.ecore.resource.ResourceSet;
import org.eclipse.emf.ecore.resource.impl.ResourceSetImpl;
import org.eclipse.emf.ecore.util.Diagnostician;
import org.eclipse.emf.ecore.util.EObjectValidator;
import org.eclipse.emf.ecore.util.EcoreUtil;
import org.eclipse.emf.ecore.xmi.XMLResource;
import org.eclipse.emf.ecore.xmi.impl.EcoreResourceFactoryImpl;
import org.eclipse.emf.ecore.xmi.impl.XMIResourceFactoryImpl;

/**
 * Opens Ecore metamodels and XMI models with EMF, as Eclipse does, and reports what is wrong with them.
 *
 * <pre>
 * EmfCheck PATH...                  checks each file, and each .ecore and .xmi in folders, in a ResourceSet of its own
 * EmfCheck --roundtrip PATH FOLDER  loads all files of PATH into one ResourceSet, saves each in FOLDER, same names
 * EmfCheck --edit FILE EDIT...      changes the model in FILE as one does in an editor, and saves the files that changed
 * </pre>
 *
 * An edit is {@code set ID FEATURE VALUE}, where the value of a reference is an id, {@code add ID FEATURE NEWID},
 * {@code move ID FEATURE CONTAINER}, {@code place ID INDEX} or {@code delete ID}, each word an argument.
 *
 * A line a file, fields separated by tabs: {@code ok|FAIL}, file, "N elements", then each reason ("error: ..." or
 * "warning: ..."; a warning fails the file too). No metamodel is registered beforehand: xsi:schemaLocation has to lead
 * to it. Exit status: 0 all ok, 1 some file failed, 2 usage, 3 the check itself failed.
 *
 * <p>The default XML limits of the JDK are left as they are, since Eclipse has them too: those of JDK 17 bound neither
 * the length of an attribute value nor the depth.
 */
public final class EmfCheck {
    private static final int MOST_REASONS = 50;
    private static final int LONGEST_REASON = 600; // characters
    private static final long STACK = 1L << 30; // bytes: validating and saving recurse once or more a containment level

    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    /** Names an object by its type and place, where EMF would print a Java identity that changes from run to run. */
    private static final Diagnostician VALIDATOR = new Diagnostician() {
        @Override
        public String getObjectLabel(EObject object) {
            return label(object);
        }
    };

    private EmfCheck() {}

    public static void main(String[] args) throws Exception {
        boolean roundtrip = args.length > 0 && args[0].equals("--roundtrip");
        boolean edit = args.length > 1 && args[0].equals("--edit");
        if (roundtrip ? args.length != 3 : args.length == 0 || !edit && args[0].startsWith("-")) {
            System.err.println("usage: EmfCheck PATH... | EmfCheck --roundtrip PATH FOLDER | EmfCheck --edit FILE EDIT...");
            System.exit(2);
        }
        var work = new FutureTask<>(() -> edit ? edit(Path.of(args[1]), List.of(args).subList(2, args.length))
                : roundtrip ? roundtrip(Path.of(args[1]), Path.of(args[2])) : check(args));
        new Thread(null, work, "check", STACK).start();
        try {
            System.exit(work.get() ? 0 : 1);
        } catch (ExecutionException e) {
            e.getCause().printStackTrace();
            System.exit(3);
        }
    }

    private static boolean check(String[] args) throws IOException {
        boolean ok = true;
        for (String arg : args) {
            for (Path file : modelFiles(Path.of(arg))) {
                ResourceSet models = newResourceSet();
                List<String> reasons = new ArrayList<>();
                Resource model = load(models, file, reasons);
                examine(models, List.of(model), reasons);
                ok &= report(file, model, reasons);
            }
        }
        return ok;
    }

    /** Saves nothing unless every file loads and is valid. */
    private static boolean roundtrip(Path source, Path target) throws IOException {
        ResourceSet models = newResourceSet();
        List<Path> files = modelFiles(source);
        List<Resource> loaded = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        for (Path file : files) {
            loaded.add(load(models, file, reasons));
        }
        examine(models, loaded, reasons);
        if (!reasons.isEmpty()) {
            return report(source, loaded.get(0), reasons);
        }
        Path base = Files.isDirectory(source) ? source : source.toAbsolutePath().getParent();
        for (int i = 0; i < files.size(); i++) { // all before the first save: references are written relative to these
            Path name = base.toAbsolutePath().relativize(files.get(i).toAbsolutePath());
            loaded.get(i).setURI(fileUri(target.resolve(name)));
        }
        boolean ok = true;
        for (int i = 0; i < files.size(); i++) {
            List<String> failures = new ArrayList<>();
            try {
                loaded.get(i).save(Map.of(XMLResource.OPTION_SCHEMA_LOCATION, true));
            } catch (IOException | RuntimeException e) {
                failures.add("error: not saved: " + e.getMessage());
            }
            ok &= report(files.get(i), loaded.get(i), failures);
        }
        return ok;
    }

    /** Edits a model as the tree editor of Eclipse does; what refers to deleted elements is loaded with it. */
    private static boolean edit(Path file, List<String> words) throws IOException {
        ResourceSet models = newResourceSet();
        List<String> reasons = new ArrayList<>();
        Resource model = load(models, file, reasons);
        examine(models, List.of(model), reasons);
        if (!reasons.isEmpty()) {
            return report(file, model, reasons);
        }
        models.getResources().forEach(resource -> resource.setTrackingModification(true));
        for (int at = 0; at < words.size();) {
            EObject element = model.getEObject(words.get(at + 1));
            switch (words.get(at)) {
                case "set": {
                    EStructuralFeature feature = element.eClass().getEStructuralFeature(words.get(at + 2));
                    element.eSet(feature, feature instanceof EReference ? model.getEObject(words.get(at + 3))
                            : EcoreUtil.createFromString((EDataType) feature.getEType(), words.get(at + 3)));
                    at += 4;
                    break;
                }
                case "add": {
                    EStructuralFeature feature = element.eClass().getEStructuralFeature(words.get(at + 2));
                    EObject made = EcoreUtil.create((EClass) feature.getEType());
                    made.eSet(made.eClass().getEIDAttribute(), words.get(at + 3));
                    @SuppressWarnings("unchecked")
                    List<EObject> contents = (List<EObject>) element.eGet(feature);
                    contents.add(made);
                    at += 4;
                    break;
                }
                case "place": {
                    @SuppressWarnings("unchecked")
                    EList<EObject> contents = (EList<EObject>) element.eContainer().eGet(element.eContainingFeature());
                    contents.move(Integer.parseInt(words.get(at + 2)), element);
                    at += 3;
                    break;
                }
                case "move": {
                    EObject container = model.getEObject(words.get(at + 3));
                    EStructuralFeature feature = container.eClass().getEStructuralFeature(words.get(at + 2));
                    @SuppressWarnings("unchecked")
                    List<EObject> contents = (List<EObject>) container.eGet(feature);
                    contents.add(element);
                    at += 4;
                    break;
                }
                case "delete":
                    EcoreUtil.delete(element, true);
                    at += 2;
                    break;
                default:
                    throw new IllegalArgumentException(words.get(at));
            }
        }
        for (Resource resource : models.getResources()) {
            if (resource.isModified() && resource.getURI().fileExtension().equals("xmi")) {
                resource.save(Map.of(XMLResource.OPTION_SCHEMA_LOCATION, true));
            }
        }
        return report(file, model, reasons);
    }

    private static List<Path> modelFiles(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> tree = Files.walk(path)) {
            List<Path> files = tree.filter(p -> p.toString().matches("(?s).*\\.(ecore|xmi)") && Files.isRegularFile(p))
                    .sorted().collect(Collectors.toList());
            return files.isEmpty() ? List.of(path) : files; // loading the folder itself then fails, and says so
        }
    }

    private static URI fileUri(Path file) {
        return URI.createFileURI(file.toAbsolutePath().normalize().toString());
    }

    private static ResourceSet newResourceSet() {
        EcorePackage.eINSTANCE.eClass(); // Ecore itself, and its validator, are known everywhere
        ResourceSet models = new ResourceSetImpl();
        Map<String, Object> factories = models.getResourceFactoryRegistry().getExtensionToFactoryMap();
        factories.put("ecore", new EcoreResourceFactoryImpl());
        factories.put("*", new XMIResourceFactoryImpl());
        return models;
    }

    private static Resource load(ResourceSet models, Path file, List<String> reasons) {
        URI uri = fileUri(file);
        try {
            return models.getResource(uri, true);
        } catch (RuntimeException e) { // the resource is in the set all the same, and mostly tells the reason itself
            Resource broken = models.getResource(uri, false);
            if (broken == null || broken.getErrors().isEmpty()) {
                reasons.add("error: not loaded: " + e.getMessage());
            }
            return broken == null ? models.createResource(uri) : broken;
        }
    }

    /** What is wrong with the loaded models, and with loading the other files that they refer to. */
    private static void examine(ResourceSet models, List<Resource> loaded, List<String> reasons) {
        attempt(() -> EcoreUtil.resolveAll(models), reasons); // loads more resources, so their problems come after it
        for (Resource resource : models.getResources()) {
            resource.getErrors().forEach(problem -> reasons.add("error: " + problem.getMessage()));
            resource.getWarnings().forEach(problem -> reasons.add("warning: " + problem.getMessage()));
        }
        attempt(() -> unresolvedReferences(models, reasons), reasons);
        for (Resource resource : loaded) {
            if (resource.getContents().isEmpty() && reasons.isEmpty()) {
                reasons.add("error: " + resource.getURI().lastSegment() + " holds no model element");
            }
            resource.getContents().forEach(root -> attempt(() -> validate(root, reasons), reasons));
            duplicateIds((XMLResource) resource, reasons);
        }
    }

    /** EMF itself stumbles over some broken metamodels: a reason as well, and the next step may tell a better one. */
    private static void attempt(Runnable step, List<String> reasons) {
        try {
            step.run();
        } catch (RuntimeException | StackOverflowError e) {
            reasons.add("error: EMF cannot work with it: " + e);
        }
    }

    private static void unresolvedReferences(ResourceSet models, List<String> reasons) {
        List<String> unresolved = new ArrayList<>();
        EcoreUtil.UnresolvedProxyCrossReferencer.find(models).forEach((proxy, uses) -> {
            for (Setting use : uses) {
                if (!use.getEStructuralFeature().isDerived()) { // else it repeats what it is derived from
                    unresolved.add("error: unresolved reference '" + use.getEStructuralFeature().getName() + "' of "
                            + label(use.getEObject()) + " to " + EcoreUtil.getURI(proxy));
                }
            }
        });
        unresolved.stream().sorted().forEach(reasons::add);
    }

    private static void validate(EObject root, List<String> reasons) {
        BasicDiagnostic diagnosis = VALIDATOR.createDefaultDiagnostic(root);
        VALIDATOR.validate(root, diagnosis, VALIDATOR.createDefaultContext());
        collect(diagnosis, reasons);
    }

    private static void collect(Diagnostic diagnosis, List<String> reasons) {
        boolean reported = diagnosis.getSource().equals(EObjectValidator.DIAGNOSTIC_SOURCE)
                && diagnosis.getCode() == EObjectValidator.EOBJECT__EVERY_PROXY_RESOLVES; // by unresolvedReferences
        if (diagnosis.getChildren().isEmpty() && diagnosis.getSeverity() >= Diagnostic.WARNING && !reported) {
            String severity = diagnosis.getSeverity() == Diagnostic.WARNING ? "warning: " : "error: ";
            reasons.add(severity + diagnosis.getMessage());
        }
        diagnosis.getChildren().forEach(child -> collect(child, reasons));
    }

    /** EMF lets the last of two equal xmi:id win in silence: references to the other then lead astray. */
    private static void duplicateIds(XMLResource resource, List<String> reasons) {
        for (TreeIterator<EObject> all = resource.getAllContents(); all.hasNext();) {
            EObject object = all.next();
            String id = resource.getID(object);
            if (id != null && resource.getEObject(id) != object) {
                reasons.add("error: id '" + id + "' of " + label(object) + " is given to another element too");
            }
        }
    }

    private static String label(EObject object) {
        String type = object.eClass().getName();
        Resource resource = object.eResource();
        return resource == null ? type
                : type + " " + resource.getURI().lastSegment() + "#" + resource.getURIFragment(object);
    }

    private static boolean report(Path file, Resource resource, List<String> reasons) {
        long elements = 0;
        for (TreeIterator<EObject> all = resource.getAllContents(); all.hasNext(); all.next()) {
            elements++;
        }
        StringBuilder line = new StringBuilder(reasons.isEmpty() ? "ok" : "FAIL");
        line.append('\t').append(file).append('\t').append(elements).append(" elements");
        reasons.stream().limit(MOST_REASONS).forEach(reason -> line.append('\t').append(
                reason.substring(0, Math.min(reason.length(), LONGEST_REASON)).replaceAll("\\s+", " ")));
        if (reasons.size() > MOST_REASONS) {
            line.append("\terror: and ").append(reasons.size() - MOST_REASONS).append(" more");
        }
        OUT.println(line);
        return reasons.isEmpty();
    }
}
