import Console
import Installation
import Posix
import Product
import ProductTOML
import SystemPackage
import Updating

/// `config.d/90-local.toml`, which the verbs write; what an admin writes by hand stands in other files.
struct LocalConfiguration {
  static let name = "90-local.toml"

  let device: Device
  private var layout: Layout { device.layout }

  init(_ device: Device) { self.device = device }

  /// The file becomes the old whole or the new whole. One that would say nothing is removed.
  func change(_ body: (inout Configuration) throws -> Void) throws {
    let lock = try FileLock.take(
      "settings.lock", in: try Directory.make(layout.run, below: layout.root), patience: 10)
    guard let lock else {
      throw InstallationError(
        .locked, "another command is changing the settings of \(layout.product)", remedy: "wait for it to end")
    }
    defer { _ = lock }
    let folder = try Directory.open(layout.configuration).makeDirectory("config.d", mode: 0o755)
    let before = try Configuration.read(Self.name, in: folder)
    var wishes = before ?? Configuration()
    try body(&wishes)
    guard wishes != before ?? Configuration() else { return }
    if let problem = wishes.problems().first {
      throw Failure(
        .usage, name: "usage", "\(problem.key): '\(problem.value)' is not accepted: \(problem.allowed)",
        remedy: "the verb's --help has an example; nothing was changed")
    }
    try write(wishes, in: folder)
    tell(before ?? Configuration(), wishes)
  }

  private func write(_ wishes: Configuration, in folder: Directory) throws {
    if wishes == Configuration() {
      try folder.unlink(Self.name)
      return try folder.synchronize()
    }
    let text = "# Written by slipway's verbs, which replace it as a whole: keep your own lines in another file.\n"
    try DurableFile.write(Array((text + ConfigTOML.text(wishes)).utf8), Self.name, in: folder)
  }

  private func tell(_ before: Configuration, _ after: Configuration) {
    func values(_ wishes: Configuration) -> [String: String] {
      Dictionary(ConfigTOML.entries(wishes).map { ($0.key, $0.value) }) { $1 }
    }
    let (old, new) = (values(before), values(after))
    for key in Set(old.keys).union(new.keys).sorted() where old[key] != new[key] {
      device.history.note(Event(.wishChanged, key: key, value: new[key], before: old[key]))
    }
  }
}
