import Archives
import Bundles
import Cryptography
import Installation
import Posix
import Product
import SystemPackage
import TUF

/// Makes whole what the device keeps for itself, from the copies that it keeps beside: sealed manifests, trusted metadata,
/// `wanted.json`. What did not read is set aside as `NAME.corrupt` and said; for who holds the product's lock.
struct Mending {
  let device: Device

  init(_ device: Device) { self.device = device }

  /// - Returns: what was found, a sentence each.
  func run(_ store: VersionStore) -> [String] {
    var told: [String] = []
    for version in (try? store.versions()) ?? [] {
      let (tree, product) = VersionStore.manifests(of: version)
      told += mend(tree, of: device.layout.sealed, Release.manifestLimit) { (try? TreeManifest(parsing: $0)) != nil }
      told += mend(product, of: device.layout.sealed, Release.manifestLimit) {
        (try? ProductManifest.parse($0)) != nil
      }
    }
    told += mendTrust()
    if let said = mendWanted() { told.append(said) }
    for said in told { device.log.error("\(said)") }
    return told
  }

  private func mend(_ name: String, of files: MirroredFiles, _ limit: Int, _ accepts: ([UInt8]) -> Bool) -> [String] {
    let path = "\(files.folder)/\(name)"
    do {
      switch try files.mend(name, limit: limit, accepts: accepts) {
      // What is absent was told when it was lost; `verify` says so whenever it is asked.
      case .sound, .absent: return []
      case .restored: return ["\(path) was not what had been written; it is written again from its copy"]
      case .copied: return ["the copy of \(path) was not whole; it is made again"]
      case .lost: return ["\(path) and its copy are lost; `slipway verify --repair` brings it again"]
      }
    } catch { return ["\(path) cannot be looked at: \(error)"] }
  }

  /// Each role's file, and its copy. A file without a copy counts if it verifies.
  private func mendTrust() -> [String] {
    let trust = TrustedStore(device.layout)
    let there = [device.layout.trustedMetadata, device.layout.trustedCopies].flatMap { folder in
      ((try? Directory.open(folder).names()) ?? []).filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
    }
    // What is gone without a trace is known by what fetch was told to compare with.
    let names = Set(there + Want(device).known().map { "\($0).json" })
    var told: [String] = []
    var lost: [String] = []
    // Root first: without it nothing else can be verified, and nothing of it is set aside for that.
    for name in ["root.json"] + names.subtracting(["root.json"]).sorted() where !lost.contains("root") {
      let role = String(name.dropLast(5))
      let verifies = { (bytes: [UInt8]) in
        guard role != "root" else { return (try? TrustedSet(root: bytes)) != nil }
        guard let set = try? Client.load(from: trust) else { return false }
        return set.header(of: role) != nil
      }
      let path = "\(device.layout.trustedMetadata)/\(name)"
      do {
        switch try trust.files.mend(name, limit: TrustedStore.limit, accepts: verifies) {
        case .sound: break
        case .restored: told.append("\(path) was not what had been stored; it is written again from its copy")
        case .copied: told.append("the copy of \(path) was not whole; it is made again")
        case .absent where role == "root": lost.append(role)
        case .lost, .absent:
          lost.append(role)
          let remedy =
            role == "root" ? "run the product's Setup file again, which brings it" : "the next poll brings it"
          told.append("\(path) and its copy are lost; \(remedy)")
        }
      } catch { told.append("\(path) cannot be looked at: \(error)") }
    }
    if !lost.isEmpty { try? Want(device).forget(lost) }
    return told
  }

  /// fetch cannot work without it, and nobody else would come by to make it again.
  private func mendWanted() -> String? {
    do {
      let state = try Directory.open(device.layout.state)
      let bytes = try? state.read("wanted.json", limit: Wanted.limit)
      if let bytes, (try? JSON.decode(Wanted.self, bytes)) != nil { return nil }
      let wasThere = try state.status("wanted.json") != nil
      let trusted = try Client.load(from: TrustedStore(device.layout))
      try state.setAside("wanted.json")
      try Want(device).write(trusted, targets: [])
      return wasThere ? "\(device.layout.state)/wanted.json did not read; it is made again from what is trusted" : nil
    } catch { return nil }
  }
}
