extension PrerequisiteNeeds {
  /// The packages listed for a system: under its own id, else under the closest one that it derives from.
  func packages(for system: OSRelease) -> [String] {
    for id in [system.id] + system.idLike {
      if let names = rules.packages[id] { return names }
    }
    return []
  }
}
