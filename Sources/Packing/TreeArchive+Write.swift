import Archives
import Posix
import SystemPackage

extension TreeArchive {
  /// Packs the tree below `tree`, exactly as `manifest` lists it, to the current position of `file`. The bytes depend on
  /// the manifest and `level` alone: entries in order, root:root, time 0, whatever the clock, the umask or the workers.
  /// `level` is zstd's compression level, 1 to 22.
  ///
  /// Errors name the entry: wrongType, wrongSize, wrongDigest, wrongTarget (the tree is no longer what was scanned), system.
  public static func write(
    tree: FilePath, manifest: TreeManifest, to file: FileDescriptor, level: Int = 19, workers: Int = 1
  ) throws(ArchiveError) {
    let root = try system(nil) { () throws(PosixError) in try Directory.open(tree) }
    let writer = try TarWriter(to: file, level: level, workers: workers)
    let packer = TreePacker(root: root, writer: writer)
    for entry in manifest.entries { try packer.add(entry) }
    try writer.finish()
  }
}
