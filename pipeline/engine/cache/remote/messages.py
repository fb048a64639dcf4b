"""The messages of the Remote Execution API that a cache needs, and one of our own.

Names and numbers of fields are those of remote_execution.proto, version 2, of
github.com/bazelbuild/remote-apis, and of google/bytestream/bytestream.proto. A field that nobody
here reads is omitted: protobuf keeps fields that it does not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

if TYPE_CHECKING:
    from typing import Final

_PACKAGE: Final = "build.bazel.remote.execution.v2"

# `NAME:TYPE=NUMBER`; a star marks a repeated field. Any other type than those of `_TYPES` is a
# message of this table.
_MESSAGES: Final[Mapping[str, str]] = {
    "Digest": "hash:string=1 size_bytes:int64=2",
    "OutputFile": "path:string=1 digest:Digest=2 is_executable:bool=4 contents:bytes=5",
    "OutputDirectory": "path:string=1 tree_digest:Digest=3",
    "OutputSymlink": "path:string=1 target:string=2",
    "Any": "type_url:string=1 value:bytes=2",  # google.protobuf.Any
    "ExecutedActionMetadata": "worker:string=1 auxiliary_metadata:Any*=11",
    "ActionResult": (
        "output_files:OutputFile*=2 output_directories:OutputDirectory*=3 exit_code:int32=4"
        " stdout_raw:bytes=5 stdout_digest:Digest=6 execution_metadata:ExecutedActionMetadata=9"
        " output_symlinks:OutputSymlink*=12"
    ),
    "FileNode": "name:string=1 digest:Digest=2 is_executable:bool=4",
    "DirectoryNode": "name:string=1 digest:Digest=2",
    "SymlinkNode": "name:string=1 target:string=2",
    "Directory": "files:FileNode*=1 directories:DirectoryNode*=2 symlinks:SymlinkNode*=3",
    "Tree": "root:Directory=1 children:Directory*=2",
    # of gRPC
    "Status": "code:int32=1 message:string=2",  # google.rpc.Status
    "GetCapabilitiesRequest": "instance_name:string=1",
    "ActionCacheUpdateCapabilities": "update_enabled:bool=1",
    "CacheCapabilities": (
        "digest_functions:int32*=1 action_cache_update_capabilities:ActionCacheUpdateCapabilities=2"
        " max_batch_total_size_bytes:int64=4 supported_compressors:int32*=6"
        " supported_batch_update_compressors:int32*=7"
    ),
    "ServerCapabilities": "cache_capabilities:CacheCapabilities=1",
    "FindMissingBlobsRequest": "instance_name:string=1 blob_digests:Digest*=2",
    "FindMissingBlobsResponse": "missing_blob_digests:Digest*=2",
    "UpdateBlob": "digest:Digest=1 data:bytes=2 compressor:int32=3",
    "BatchUpdateBlobsRequest": "instance_name:string=1 requests:UpdateBlob*=2",
    "UpdatedBlob": "digest:Digest=1 status:Status=2",
    "BatchUpdateBlobsResponse": "responses:UpdatedBlob*=1",
    "BatchReadBlobsRequest": (
        "instance_name:string=1 digests:Digest*=2 acceptable_compressors:int32*=3"
    ),
    "ReadBlob": "digest:Digest=1 data:bytes=2 status:Status=3 compressor:int32=4",
    "BatchReadBlobsResponse": "responses:ReadBlob*=1",
    "GetActionResultRequest": "instance_name:string=1 action_digest:Digest=2",
    "UpdateActionResultRequest": (
        "instance_name:string=1 action_digest:Digest=2 action_result:ActionResult=3"
    ),
    "ReadRequest": "resource_name:string=1 read_offset:int64=2 read_limit:int64=3",
    "ReadResponse": "data:bytes=10",
    "WriteRequest": "resource_name:string=1 write_offset:int64=2 finish_write:bool=3 data:bytes=10",
    "WriteResponse": "committed_size:int64=1",
    # Ours, in the auxiliary metadata of a result
    "Origin": "step:string=1 signer:bytes=2 signature:bytes=3 inlined:bytes*=4",
}

ORIGIN: Final = "type.doit-wasm.dev/origin.v1"
"""The type of the auxiliary metadata that says which step and whose key a result is from."""

_FIELD: Final = descriptor_pb2.FieldDescriptorProto
_TYPES: Final = {
    "string": _FIELD.TYPE_STRING,
    "bytes": _FIELD.TYPE_BYTES,
    "bool": _FIELD.TYPE_BOOL,
    "int32": _FIELD.TYPE_INT32,  # enums as well: on the wire they are the same
    "int64": _FIELD.TYPE_INT64,
}


def _pool() -> descriptor_pool.DescriptorPool:
    """Return the descriptions in a pool of their own: others may have theirs of the same names."""
    file = descriptor_pb2.FileDescriptorProto(
        name="doit_wasm_remote_cache.proto", package=_PACKAGE, syntax="proto3"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for text in fields.split():
            head, _, number = text.partition("=")
            field, _, kind = head.partition(":")
            label = _FIELD.LABEL_REPEATED if kind.endswith("*") else _FIELD.LABEL_OPTIONAL
            of = kind.removesuffix("*")
            added = message.field.add(name=field, number=int(number), label=label)
            added.type = _TYPES.get(of, _FIELD.TYPE_MESSAGE)
            if of not in _TYPES:
                added.type_name = f".{_PACKAGE}.{of}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool


def _classes() -> dict[str, Any]:
    pool = _pool()
    found = {name: pool.FindMessageTypeByName(f"{_PACKAGE}.{name}") for name in _MESSAGES}
    return {name: message_factory.GetMessageClass(each) for name, each in found.items()}


# All are kept: protobuf makes a class that nobody holds anew, and crashes if threads do that.
_CLASSES: Final = _classes()


def message(name: str) -> Any:  # noqa: ANN401 - a class that protobuf makes at run time
    """Return the class of the message *name*."""
    return _CLASSES[name]


ActionResult: Final = message("ActionResult")
Digest: Final = message("Digest")
Directory: Final = message("Directory")
Origin: Final = message("Origin")
Tree: Final = message("Tree")
