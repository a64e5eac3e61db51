"""What can be wrong with a home or with what is asked of it.

WarehouseError, what the user can put right by asking for something else: exit 2
├── HomeMissing       there is no warehouse to read
├── HomeInUse         another process writes to this home
├── HomeTooNew        written by a newer version of this program
├── HomeDamaged       the catalog or a committed shard is not what the ledger says
├── AlreadyCommitted  a unit of work of that name is committed; rows are never replaced
├── WrongRows         the rows do not fit the columns of their kind
├── HomeNotShared     what another machine wrote to the home is not in it
└── QueryRefused      a query that does not only read, or that names what does not exist

WorkFailed, what the same command gets over: exit 1
├── HomeNotWritable   no room, no right, or a file system that is read-only
└── ShardDamaged      a committed shard was damaged while this process wrote to the home

Each message states the rule and then the value, and is fit to be shown to a person.
"""

from curriculum.errors import InputError, WorkFailed


class WarehouseError(InputError):
    """Any of the above."""


class HomeMissing(WarehouseError):
    pass


class HomeInUse(WarehouseError):
    pass


class HomeTooNew(WarehouseError):
    pass


class HomeDamaged(WarehouseError):
    pass


class AlreadyCommitted(WarehouseError):
    pass


class WrongRows(WarehouseError, ValueError):
    pass


class HomeNotShared(WarehouseError):
    pass


class QueryRefused(WarehouseError):
    pass


class HomeNotWritable(WorkFailed):
    pass


class ShardDamaged(WorkFailed):
    pass
