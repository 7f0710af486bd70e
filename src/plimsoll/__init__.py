"""How much can a machine-learning model take before it breaks its promises?"""
