import Product

/// A publisher's product manifest, written in TOML.
public enum ProductTOML {
  static let keys: Set<String> = [
    "id", "name", "publisher", "licence", "platforms", "channel", "takesOver", "specialModes", "requires", "repository",
    "prerequisites", "services", "updates", "data", "offboarding",
  ]

  /// Reads a manifest and checks its values.
  ///
  /// The version and the platform of a release are not the manifest's to say: `pack` passes them in. Without them the
  /// manifest reads as version 0.0.0 for the first platform it lists, which is enough to check it or to show its units.
  /// `readFile` gets a path as the manifest writes it, to be taken relative to the manifest's folder, and gives the
  /// file's text.
  ///
  /// - Throws: `ProductTOMLError`, naming file, line and key.
  public static func parse(
    _ text: String, file: String, version: SemanticVersion = SemanticVersion(0, 0, 0), platform: Platform? = nil,
    readFile: (_ path: String) throws -> String
  ) throws(ProductTOMLError) -> ProductManifest {
    let top = try Section(text: text, file: file, keys: keys)
    guard let names = try top.strings("platforms") else { throw top.missing("platforms") }
    var platforms: [Platform] = []
    for (index, name) in names.enumerated() {
      platforms.append(try top.checked("platforms[\(index)]") { () throws(ProductError) in try Platform(name) })
    }
    guard let own = platform ?? platforms.first else {
      throw top.error(.invalidValue, "platforms", "expected at least one platform")
    }
    let id = try top.required("id")
    let repository = try top.section("repository", keys: ["metadata", "targets"])
    let manifest = ProductManifest(
      id: try top.checked("id") { () throws(ProductError) in try ProductID(id) },
      name: try name(top),
      publisher: try top.required("publisher"),
      licence: try licence(top, readFile),
      version: version,
      platform: own,
      platforms: platforms,
      repository: RepositoryLocations(
        metadata: try repository?.strings("metadata") ?? [], targets: try repository?.strings("targets") ?? []),
      channel: try top.string("channel") ?? "stable",
      prerequisites: try PrerequisiteRules(top),
      services: try services(top),
      takesOver: try top.strings("takesOver") ?? [],
      updates: try UpdateRules(top),
      data: try data(top),
      offboarding: try offboarding(top),
      specialModes: try top.strings("specialModes") ?? [],
      requires: try top.strings("requires") ?? [])
    if let problem = manifest.problems().first { throw top.source.error(problem) }
    return manifest
  }

  private static func name(_ top: Section) throws(ProductTOMLError) -> LocalizedText {
    guard top.has("name") else { throw top.missing("name") }
    return try localized(top, "name") { text, _ throws(ProductTOMLError) in text }
  }

  private static func licence(
    _ top: Section, _ readFile: (String) throws -> String
  ) throws(ProductTOMLError) -> LocalizedText? {
    guard top.has("licence") else { return nil }
    return try localized(top, "licence") { path, key throws(ProductTOMLError) in
      guard isInside(path) else {
        throw top.error(.invalidValue, key, "'\(path)' is not a path below the manifest's folder")
      }
      do {
        return try readFile(path)
      } catch {
        throw top.error(.unreadableFile, key, "the licence file '\(path)' cannot be read: \(error)")
      }
    }
  }

  /// A plain string, or a table of languages with a `default`.
  private static func localized(
    _ top: Section, _ key: String, _ make: (String, String) throws(ProductTOMLError) -> String
  ) throws(ProductTOMLError) -> LocalizedText {
    guard top.isTable(key), let table = try top.section(key, keys: []) else {
      return LocalizedText(try make(try top.required(key), key))
    }
    var byLanguage: [String: String] = [:]
    for language in table.names where language != "default" {
      byLanguage[language] = try make(try table.required(language), "\(key).\(language)")
    }
    return LocalizedText(try make(try table.required("default"), "\(key).default"), byLanguage: byLanguage)
  }

  private static func isInside(_ path: String) -> Bool {
    path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty && $0 != ".." && $0 != "." }
  }

  private static func data(_ top: Section) throws(ProductTOMLError) -> [DataFolder] {
    var folders: [DataFolder] = []
    let keys: Set<String> = ["name", "schema", "readableFrom", "snapshot", "migrate", "migrateTimeout"]
    for table in try top.sections("data", keys: keys) {
      folders.append(
        DataFolder(
          name: try table.required("name"), schema: try table.int("schema") ?? 1,
          readableFrom: try table.int("readableFrom"), snapshot: try table.bool("snapshot") ?? false,
          migrate: try table.strings("migrate"), migrateSeconds: try table.duration("migrateTimeout") ?? 300))
    }
    return folders
  }

  private static func offboarding(_ top: Section) throws(ProductTOMLError) -> [OffboardingHook] {
    var hooks: [OffboardingHook] = []
    for table in try top.sections("offboarding", keys: ["command", "user", "timeout"]) {
      guard let command = try table.strings("command") else { throw table.missing("command") }
      hooks.append(
        OffboardingHook(
          command: command, user: try table.required("user"), timeoutSeconds: try table.duration("timeout") ?? 30))
    }
    return hooks
  }

  private static func services(_ top: Section) throws(ProductTOMLError) -> [AgentService] {
    var services: [AgentService] = []
    for table in try top.sections("services", keys: AgentService.keys) { services.append(try AgentService(table)) }
    return services
  }
}
