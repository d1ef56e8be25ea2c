# Written by Podwright from the blueprint. What a job sets in its environment comes before this.
export NVSHMEM_IB_TRAFFIC_CLASS=106
export NVSHMEM_HCA_LIST=rail0:1,rail1:1,rail2:1,rail3:1,rail4:1,rail5:1,rail6:1,rail7:1
